import { expect, test } from 'bun:test';
import { drain } from '#execution/process/drain.ts';
import { outputOf } from '#execution/process/output.ts';
import { bothStreams, runShell } from '#test/support/shell.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const MiB = 1024 * 1024;

test('the stream is not read on before its last chunk has been taken', async () => {
  let chunks = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        chunks++;
        if (chunks > 3) controller.close();
        else controller.enqueue(Uint8Array.of(chunks));
      },
    },
    { highWaterMark: 0 },
  );
  const taken: number[] = [];
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const take = async ([first = 0]: Uint8Array): Promise<void> => {
    taken.push(first);
    await gates[first - 1]?.promise;
  };
  const never = new Promise<void>(() => {});
  const draining = drain(outputOf(stream), take, { ended: never, waitMs: 1, bytes: 1 });
  for (const [n, gate] of gates.entries()) {
    await until(`chunk ${n + 1} comes`, () => taken.length === n + 1);
    expect(chunks).toBe(n + 1);
    gate.resolve();
  }
  await draining;
  expect(taken).toEqual([1, 2, 3]);
});

test('a process that gets no time loses nothing of what is there to be read', async () => {
  const waitMs = 50;
  const busyRounds = async (): Promise<void> => {
    for (let left = 4; left > 0; left--) {
      for (const end = performance.now() + 2 * waitMs; performance.now() < end; );
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const chunks = [1, 2];
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        await busyRounds();
        const next = chunks.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(Uint8Array.of(next));
      },
    },
    { highWaterMark: 0 },
  );
  const taken: number[] = [];
  await drain(outputOf(stream), (chunk) => void taken.push(...chunk), { ended: Promise.resolve(), waitMs, bytes: MiB });
  expect(taken).toEqual([1, 2]);
});

test('a slow sink loses nothing', async () => {
  let bytes = 0;
  const write = async (_: unknown, chunk: Uint8Array): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    bytes += chunk.length;
  };
  const report = await runShell(
    'head -c 3000000 /dev/zero',
    { logLimitBytes: bothStreams(4 * MiB) },
    { sink: { write } },
  );
  expect(report.outcome).toEqual({ kind: 'completed' });
  expect(bytes).toBe(3_000_000);
});

test('a grandchild that keeps stdout open after setsid does not hold the end back', async () => {
  using directory = temporaryDirectory();
  const report = await runShell(`setsid sh -c 'echo $$ > ${directory.path}/pid; exec sleep 1000' & echo started`);
  expect(report.outcome).toEqual({ kind: 'completed' });
  expect(Buffer.from(report.stdout.bytes).toString()).toBe('started\n');
  const pid = await pidFrom(`${directory.path}/pid`);
  expect(isAlive(pid)).toBe(true); /* it left the group: not ours to kill without an init */
  process.kill(pid, 'SIGKILL');
}, 120_000);

test('a grandchild that goes on flooding stdout after setsid does not hold the end back', async () => {
  using directory = temporaryDirectory();
  const report = await runShell(
    `setsid sh -c 'echo $$ > ${directory.path}/pid; exec yes' & until [ -s ${directory.path}/pid ]; do sleep 0.01; done`,
  );
  expect(report.outcome).toEqual({ kind: 'completed' });
  const pid = await pidFrom(`${directory.path}/pid`);
  await until('yes died of SIGPIPE', () => !isAlive(pid));
}, 120_000);
