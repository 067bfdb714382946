import { expect, test } from 'bun:test';
import { createLocalBroker } from '#adapters/broker/local/broker.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { createEndWaits } from '#control-plane/api/end-waits.ts';
import { createTokenWatch } from '#control-plane/api/token-watch.ts';
import { watchEnds } from '#control-plane/api/watch-ends.ts';
import { executionId } from '#domain/ids.ts';
import { until } from '#test/support/until.ts';

const [first, second] = [executionId(1), executionId(2)];
const never = new AbortController().signal;

function message(execution: typeof first, ...others: readonly (typeof first)[]) {
  const payload = { execution_id: Number(execution), others: others.map(Number) };
  return { routingKey: 'execution.completed', payload };
}

function waits(leaving: AbortSignal = never) {
  const ended = new Set<string>();
  let asked = 0;
  const store = {
    findEnded: async (executions: readonly (typeof first)[]) => {
      asked++;
      return executions.filter((one) => ended.has(one));
    },
  };
  const broker = createLocalBroker(systemClock);
  const valid = new Set(['a', 'b']);
  const findToken = async (hash: string) => (valid.has(hash) ? { id: '1', name: hash, scopes: [] } : undefined);
  const validTokens = async (hashes: readonly string[]) => hashes.filter((hash) => valid.has(hash));
  const tokens = createTokenWatch({ store: { findToken, validTokens }, clock: systemClock });
  const watch = watchEnds({ store, broker, clock: systemClock });
  const ends = createEndWaits({ clock: systemClock, leaving, tokens, watch });
  let reads = 0;
  const read = (execution: typeof first) => async () => {
    reads++;
    return { status: ended.has(execution) ? 'completed' : 'running' };
  };
  return { valid, ends, ended, broker, read, asked: () => asked, reads: () => reads };
}

test('all who wait are answered by a message that names their executions, which nobody has asked the store about', async () => {
  const { ends, ended, read, reads } = waits();
  const of = (execution: typeof first) => {
    const place = ends.enter({ hash: 'a', seconds: 600, gone: never });
    return place.untilEnd(execution, read(execution), { isNew: true }).finally(() => place[Symbol.dispose]());
  };
  const many = Array.from({ length: 100 }, () => of(first));
  const other = of(second);
  ended.add(first).add(second);
  ends.hear([message(executionId(3), first), message(second)]);
  await Promise.all([...many, other]);
  expect(reads()).toBe(101);
});

test('without any message the store is asked about all of them now and then', async () => {
  const { ends, ended, read, asked } = waits();
  const of = (execution: typeof first) =>
    ends.enter({ hash: 'a', seconds: 600, gone: never }).untilEnd(execution, read(execution));
  const all = [of(first), of(first), of(second)];
  ended.add(first).add(second);
  await Promise.all(all);
  expect(asked()).toBeLessThan(3);
});

test('a message about an execution that has not ended, or that was handed back, ends no wait', async () => {
  const { ends, ended, read, reads } = waits();
  const wait = ends.enter({ hash: 'a', seconds: 600, gone: never }).untilEnd(first, read(first), { isNew: true });
  for (let n = 1; n <= 3; n++) {
    ends.hear([message(first)]);
    await until('it was read', () => reads() >= n);
  }
  ended.add(first);
  ends.hear([message(first)]);
  expect(await wait).toEqual({ status: 'completed' });
});

test('a flood of messages that are wrong makes a waiting request read ten times a second, not at each', async () => {
  const { ends, ended, read, reads } = waits();
  const wait = ends.enter({ hash: 'a', seconds: 600, gone: never }).untilEnd(first, read(first));
  const started = performance.now();
  for (let n = 0; n < 200; n++) {
    ends.hear([message(first)]);
    await new Promise(setImmediate);
  }
  expect(reads()).toBeLessThanOrEqual(2 + (performance.now() - started) / 100);
  ended.add(first);
  ends.hear([message(first)]);
  expect(await wait).toEqual({ status: 'completed' });
});

test('what has ended before somebody waits for it is read at once', async () => {
  const { ends, ended, read, reads } = waits();
  ended.add(first);
  const place = ends.enter({ hash: 'a', seconds: 600, gone: never });
  expect(await place.untilEnd(first, read(first))).toEqual({ status: 'completed' });
  expect(reads()).toBe(1);
});

test('a wait ends with its time, with its client and with the server', async () => {
  const leaving = new AbortController();
  const { ends, read } = waits(leaving.signal);
  const gone = new AbortController();
  const wait = (seconds: number, signal: AbortSignal) =>
    ends.enter({ hash: 'a', seconds, gone: signal }).untilEnd(first, read(first));
  await wait(0, never);
  await wait(0.01, never);
  const [byClient, byServer] = [wait(3600, gone.signal), wait(3600, never)];
  gone.abort();
  await byClient;
  leaving.abort();
  await byServer;
  await wait(3600, never);
});

test('a token that is revoked ends its waits with a refusal, whether the execution has ended or not', async () => {
  const { ends, ended, read, valid } = waits();
  const wait = (hash: string, execution: typeof first) =>
    ends.enter({ hash, seconds: 3600, gone: never }).untilEnd(execution, read(execution));
  const [running, over, other] = [wait('a', second), wait('a', first), wait('b', first)];
  valid.delete('a');
  ended.add(first);
  ends.hear([message(first)]);
  await Promise.all([
    expect(over).rejects.toThrow('unknown, revoked or expired'),
    expect(running).rejects.toThrow('unknown, revoked or expired'),
    other,
  ]);
});

test('a token has so many waiting requests and no more, and room again when one has ended', () => {
  const { ends } = waits();
  const enter = (hash: string, seconds = 30) => ends.enter({ hash, seconds, gone: never });
  const places = Array.from({ length: 300 }, () => enter('a'));
  expect(() => enter('a')).toThrow('300 requests of this token');
  enter('a', 0);
  enter('b');
  places[0]?.[Symbol.dispose]();
  enter('a');
  expect(() => enter('a')).toThrow('300 requests of this token');
});
