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
  const tokens = createTokenWatch({ store: { findToken }, clock: systemClock });
  const watch = watchEnds({ store, broker, clock: systemClock });
  const ends = createEndWaits({ clock: systemClock, leaving, tokens, watch });
  return { valid, ends, ended, broker, asked: () => asked };
}

test('all who wait are answered by the same questions, each at the end of its execution', async () => {
  const { ends, ended, asked } = waits();
  const of = (execution: typeof first) => {
    const place = ends.enter({ hash: 'a', seconds: 600, gone: never });
    return place.untilEnd(execution, async () => 'read').finally(() => place[Symbol.dispose]());
  };
  let over = 0;
  const many = Array.from({ length: 100 }, () => of(first).then(() => over++));
  const other = of(second);
  await until('the store was asked', () => asked() > 0);
  const before = asked();
  ended.add(first);
  ends.hear([{ routingKey: 'execution.completed' }]);
  await Promise.all(many);
  expect([over, asked() - before]).toEqual([100, expect.any(Number)]);
  expect(asked() - before).toBeLessThan(50);
  ended.add(second);
  await other;
});

test('a wait ends with its time, with its client and with the server', async () => {
  const leaving = new AbortController();
  const { ends } = waits(leaving.signal);
  const gone = new AbortController();
  const wait = (seconds: number, signal: AbortSignal) =>
    ends.enter({ hash: 'a', seconds, gone: signal }).untilEnd(first, async () => 'read');
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
  const { ends, ended, valid } = waits();
  const wait = (hash: string, execution: typeof first) =>
    ends.enter({ hash, seconds: 3600, gone: never }).untilEnd(execution, async () => 'read');
  const [running, over, other] = [wait('a', second), wait('a', first), wait('b', first)];
  valid.delete('a');
  ended.add(first);
  ends.hear([{ routingKey: 'execution.completed' }]);
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
