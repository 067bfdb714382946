import { expect, test } from 'bun:test';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#cli/wiring/clock.ts';
import { openFileLedger } from '#execution/environments/file-ledger.ts';
import { projectRoot } from '#test/support/project.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { ledgerContract } from './ledger-contract.ts';

ledgerContract(
  (title, body) => test(`files: ${title}`, body),
  async () => {
    const directory = temporaryDirectory();
    return {
      join: async () => openFileLedger(directory.path, systemClock),
      [Symbol.asyncDispose]: async () => directory[Symbol.dispose](),
    };
  },
);

const identity = { key: 'volume/demo/python-a1', packRef: 'demo', runtime: 'python', checksum: 'a1' };

test('files: the lock of a process that was killed is taken over at once', async () => {
  using directory = temporaryDirectory();
  const program = `import { systemClock } from '#cli/wiring/clock.ts';
    import { openFileLedger } from '#execution/environments/file-ledger.ts';
    const right = await openFileLedger(${JSON.stringify(directory.path)}, systemClock).begin(${JSON.stringify(identity)}, 60_000);
    console.log(right.kind); await Bun.sleep(60_000);`;
  const holder = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', cwd: projectRoot });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe('mine\n');
  const ledger = openFileLedger(directory.path, systemClock);
  expect(await ledger.begin(identity, 60_000)).toEqual({ kind: 'taken' });
  holder.kill('SIGKILL');
  await holder.exited;
  expect(await ledger.begin(identity, 60_000)).toEqual({ kind: 'mine' });
  await ledger.end(identity.key, { kind: 'ready' });
  expect(readdirSync(join(directory.path, 'demo'))).toEqual([]);
});

test('files: a note that a full disk cut off counts as none', async () => {
  using directory = temporaryDirectory();
  const ledger = openFileLedger(directory.path, systemClock);
  await ledger.begin(identity, 60_000);
  await ledger.end(identity.key, { kind: 'failed', error: 'x' });
  const note = join(directory.path, 'demo/python-a1.failed');
  expect(existsSync(note)).toBe(true);
  writeFileSync(note, '{"error":');
  expect(await ledger.begin(identity, 60_000)).toEqual({ kind: 'mine' });
});
