import { expect, test } from 'bun:test';
import { systemClock } from '#cli/wiring/clock.ts';
import { createOpenStreams } from '#control-plane/api/open-streams.ts';
import { createTokenWatch } from '#control-plane/api/token-watch.ts';

const never = (): ReadableStream<Uint8Array> => new ReadableStream();

test('a token has so many streams and no more, and room again when one has ended', async () => {
  const holder = { id: '1', name: 'many', scopes: ['read' as const] };
  const streams = createOpenStreams({
    tokens: createTokenWatch({
      store: { findToken: async () => holder, validTokens: async (hashes) => hashes },
      clock: systemClock,
    }),
  });
  const stop = new AbortController();
  const open = (hash: string) => streams.open({ hash, stop: stop.signal }, never);
  const opened = Array.from({ length: 300 }, () => open('a'));
  expect(() => open('a')).toThrow('300 streams of this token');
  open('b');
  await opened[0]?.cancel();
  expect(open('a')).toBeDefined();
  expect(() => open('a')).toThrow('300 streams of this token');
  stop.abort();
  expect(open('a')).toBeDefined();
});

test('a stream takes the place of the one of its name, and counts for its bound alone', async () => {
  const streams = createOpenStreams({
    tokens: createTokenWatch({
      store: { findToken: async () => undefined, validTokens: async (hashes) => hashes },
      clock: systemClock,
    }),
  });
  const most = { ofToken: 1, inAll: 2 };
  const stop = new AbortController();
  const signals: AbortSignal[] = [];
  const open = (hash: string, name: string) =>
    streams.open({ hash, name, most, stop: stop.signal }, (signal) => {
      signals.push(signal);
      return never();
    });
  open('a', 'first');
  open('a', 'first');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  expect(() => open('a', 'second')).toThrow('1 streams of this token and 1 in all');
  const other = open('b', 'other');
  expect(() => open('c', 'third')).toThrow('0 streams of this token and 2 in all');
  streams.open({ hash: 'c', stop: stop.signal }, never);
  await other.cancel();
  open('c', 'third');
  stop.abort();
});
