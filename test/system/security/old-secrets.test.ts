/** Secrets that an earlier version has stored in the clear are nowhere in the database soon after the start. */
import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

interface View {
  readonly status: string;
  readonly parameters: unknown;
}

const read = async (whole: Standalone, id: number): Promise<View> =>
  (await (await whole.api(`executions/${id}`)).json()) as View;

test('a server hides the secret parameters that an earlier version has stored, and runs them again', async () => {
  using directory = temporaryDirectory();
  const secret = 'hunter2-of-before';
  const data = join(directory.path, 'data');
  const packs = join(directory.path, 'packs');
  directory.file('packs/old/pack.yaml', 'ref: old\nversion: 1.0.0\n');
  directory.file(
    'packs/old/actions/say.yaml',
    'entry_point: say.sh\nparameters:\n  token: { type: string, secret: true }\n  n: { type: integer }\n',
  );
  directory.file('packs/old/actions/say.sh', `grep -q ${secret} && echo known`);
  const env = { ATTUNE_PACKS_DIR: packs };
  let token: string | undefined;
  {
    await using before = await standalone(data, env);
    ({ token } = before);
    before.child.kill('SIGTERM');
    await before.child.exited;
  }
  const file = join(data, 'attune.db');
  const stored = (): string =>
    [file, `${file}-wal`].map((one) => (existsSync(one) ? readFileSync(one, 'latin1') : '')).join('');
  const old = new Database(file);
  old.run(`INSERT INTO execution (action, action_ref, config, status, schedule_after, created, updated)
    SELECT id, ref, '{"token":"${secret}","n":1}', 'completed', 0, 0, 0 FROM action WHERE ref = 'old.say'`);
  old.run('PRAGMA wal_checkpoint(TRUNCATE)');
  old.close();
  expect(stored()).toContain(secret);
  await using whole = await standalone(data, env, { token });
  await until('its parameters are hidden', () => !parametersOf(file).includes(secret), 120_000);
  expect(await read(whole, 1)).toMatchObject({ parameters: { token: '********', n: 1 } });
  expect((await whole.api('executions/1/rerun', { method: 'POST' })).status).toBe(201);
  await until('it ran again', async () => (await read(whole, 2)).status === 'completed', 120_000);
  whole.child.kill('SIGTERM');
  await whole.child.exited;
  expect(stored()).not.toContain(secret);
});

function parametersOf(file: string): string {
  using database = new Database(file, { readonly: true });
  return JSON.stringify(database.query('SELECT config FROM execution').all());
}
