import { expect, test } from 'bun:test';
import type { LogChunk } from '#domain/log.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { createLogStream } from '#worker/log-stream.ts';
import { claimedExecution } from './samples.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

function openLogStream() {
  const clock = createFakeClock(1000);
  const chunks: LogChunk[] = [];
  const state = { room: Promise.resolve() };
  const reporter = {
    log: async (chunk: LogChunk): Promise<void> => {
      chunks.push(chunk);
      await state.room;
    },
  };
  const stream = createLogStream(claimedExecution(7, { attempt: 2 }), { reporter, clock });
  const write = (name: 'stdout' | 'stderr', words: string): void => void stream.sink.write(name, Buffer.from(words));
  const shown = (): readonly (readonly [number, string, number, string])[] =>
    chunks.map(({ seq, stream: name, offset, data }) => [seq, name, offset, text(data)]);
  return { ...stream, clock, chunks, state, write, shown };
}

test('small writes are gathered for 50 ms, and numbered with their offsets', async () => {
  const { clock, chunks, write, shown } = openLogStream();
  write('stdout', 'one ');
  await clock.advance(30);
  write('stdout', 'two ');
  await clock.advance(19);
  expect(chunks).toEqual([]);
  await clock.advance(1);
  write('stdout', 'three');
  await clock.advance(50);
  expect(shown()).toEqual([
    [0, 'stdout', 0, 'one two '],
    [1, 'stdout', 8, 'three'],
  ]);
  expect(chunks.map(({ execution, attempt, at }) => [execution, attempt, at])).toEqual([
    ['7', 2, 1000],
    ['7', 2, 1050],
  ] as never);
});

test('a chunk has the time at which its first byte came, also when it had to wait', async () => {
  const { clock, chunks, close, state, write } = openLogStream();
  const room = Promise.withResolvers<void>();
  state.room = room.promise;
  for (const [stream, words] of [
    ['stdout', 'a'],
    ['stdout', 'b'],
    ['stderr', 'c'],
    ['stdout', 'd'],
  ] as const) {
    write(stream, words);
    await clock.advance(20);
  }
  room.resolve();
  await close();
  expect(chunks.map(({ stream, data, at }) => [stream, text(data), at])).toEqual([
    ['stdout', 'ab', 1000],
    ['stderr', 'c', 1040],
    ['stdout', 'd', 1060],
  ]);
});

test('a write of the other stream hands over what was gathered: order is kept', async () => {
  const { clock, write, shown } = openLogStream();
  write('stdout', 'out');
  write('stderr', 'err');
  write('stdout', 'more');
  await clock.advance(50);
  expect(shown()).toEqual([
    [0, 'stdout', 0, 'out'],
    [1, 'stderr', 0, 'err'],
    [2, 'stdout', 3, 'more'],
  ]);
});

test('64 KiB are handed over at once, and the time of the next begins anew', async () => {
  const { clock, write, shown } = openLogStream();
  write('stdout', 'a');
  await clock.advance(40);
  write('stdout', 'b'.repeat(64 * 1024));
  await clock.settle();
  write('stdout', 'c');
  await clock.advance(49);
  expect(shown().map(([seq, , offset]) => [seq, offset])).toEqual([[0, 0]]);
  await clock.advance(1);
  expect(shown().map(([seq, , offset]) => [seq, offset])).toEqual([
    [0, 0],
    [1, 65_537],
  ]);
});

test('when the reporter has no room the action waits', async () => {
  const { clock, sink, state } = openLogStream();
  const room = Promise.withResolvers<void>();
  state.room = room.promise;
  let isWritten = false;
  const writing = Promise.resolve(sink.write('stdout', new Uint8Array(64 * 1024))).then(() => {
    isWritten = true;
  });
  await clock.advance(10_000);
  expect(isWritten).toBe(false);
  room.resolve();
  await writing;
});

test('closing hands over the rest at once, and leaves no timer', async () => {
  const { clock, close, write, shown } = openLogStream();
  write('stdout', 'rest');
  await close();
  await clock.settle();
  expect([shown(), clock.sleepers()]).toEqual([[[0, 'stdout', 0, 'rest']], []]);
});
