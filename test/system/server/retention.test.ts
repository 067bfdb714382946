/** What the built file removes because it is too much. */
import { expect, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { standalone, withToken } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

test('the newest executions, artifacts and tokens stay, files of others go, and the metrics count them', async () => {
  using directory = temporaryDirectory();
  directory.file('packs/demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  directory.file('packs/demo/actions/leave.yaml', 'entry_point: leave.sh\n');
  directory.file('packs/demo/actions/leave.sh', 'echo kept > "$ATTUNE_ARTIFACTS_DIR/file.txt"');
  const data = join(directory.path, 'data');
  await using whole = await standalone(data, {
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    ATTUNE__RETENTION__INTERVAL: '1',
    ATTUNE__RETENTION__EXECUTION_COUNT: '2',
    ATTUNE__RETENTION__ARTIFACT_COUNT: '1',
    ATTUNE__RETENTION__TOKEN_COUNT: '1',
  });
  const list = async (path: string): Promise<readonly { readonly id: number | string }[]> => {
    const answer = (await (await whole.api(path)).json()) as Record<
      string,
      readonly { readonly id: number | string }[]
    >;
    return answer[path] ?? [];
  };
  const ids: number[] = [];
  for (let n = 0; n < 4; n++) {
    const body = JSON.stringify({ action_ref: 'demo.leave' });
    const made = await whole.api('executions?wait=45', { method: 'POST', body });
    ids.push(((await made.json()) as { id: number }).id);
  }
  await until('two executions are left', async () => (await list('executions')).length === 2);
  expect((await list('executions')).map((one) => one.id)).toEqual(ids.slice(-2).toReversed());
  await until('one artifact is left', async () => (await list('artifacts')).length === 1);
  const files = ids.map((id) => existsSync(join(data, 'artifacts', String(id), '1', 'file.txt')));
  expect(files).toEqual([false, false, false, true]);
  expect(readdirSync(join(data, 'artifacts')).length).toBeGreaterThan(0);
  const metrics = async (): Promise<string> =>
    await (await fetch(`${whole.url}/metrics`, withToken(whole.token))).text();
  await until('both are counted', async () => (await metrics()).includes('attune_removed_total{what="executions"} 2'));
  const made: string[] = [];
  for (const name of ['revoked', 'valid', 'last']) {
    const body = JSON.stringify({ name, scopes: ['read'] });
    made.push(((await (await whole.api('tokens', { method: 'POST', body })).json()) as { id: string }).id);
  }
  await whole.api(`tokens/${made[0]}`, { method: 'DELETE' });
  await until('the token that is worth nothing is gone', async () => (await list('tokens')).length === 3);
  expect((await list('tokens')).map((one) => one.id)).toEqual([expect.any(String), ...made.slice(1)]);
});
