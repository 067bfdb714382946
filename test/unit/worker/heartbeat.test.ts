import { expect, test } from 'bun:test';
import type { Heartbeat, HeldClaim } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import { executionId } from '#domain/ids.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { beat } from '#worker/heartbeat.ts';
import { claimedExecution, session } from './samples.ts';

const claim = (id: number, changes: Partial<HeldClaim> = {}): HeldClaim => ({
  execution: executionId(id),
  attempt: 1,
  isCanceling: false,
  ...changes,
});
const alive = (...claims: readonly HeldClaim[]): Extract<Heartbeat, { kind: 'alive' }> => ({
  kind: 'alive',
  isCordoned: false,
  claims,
  scheduled: [],
});

/** A little more than the dice of the fake clock make of an interval of a second. */
const BEAT_MS = 951;

/** A heartbeat before a database that answers as the test says. */
function openHeartbeat() {
  const clock = createFakeClock();
  const stop = new AbortController();
  const state = { answer: async (): Promise<Heartbeat> => alive(), held: [] as readonly ClaimedExecution[], room: 4 };
  const beats: { readonly at: number; readonly leaseMs: number; readonly mostScheduled: number | undefined }[] = [];
  const heard: string[] = [];
  const note =
    (what: string) =>
    ({ execution, attempt }: HeldClaim | ClaimedExecution): void =>
      void heard.push(`${what} ${execution}/${attempt}`);
  const beating = beat(
    {
      store: {
        heartbeat: async (_, leaseMs, mostScheduled) => {
          beats.push({ at: Math.round(clock.monotonic()), leaseMs, mostScheduled });
          return await state.answer();
        },
      },
      clock,
      session,
      heartbeatMs: 1000,
      leaseMs: 3000,
      held: () => state.held,
      room: () => state.room,
      listener: {
        onBeat: ({ isCordoned }) => void (isCordoned && heard.push('cordoned')),
        onLost: note('lost'),
        onCanceling: note('canceling'),
        onStray: note('stray'),
        onScheduled: (scheduled) => {
          for (const { execution, attempt } of scheduled) heard.push(`scheduled ${execution}/${attempt}`);
        },
        onProblem: ({ why }) => void heard.push(why),
      },
    },
    stop.signal,
  );
  return { ...beating, clock, stop, state, beats, heard };
}

test('it beats at once, and again within the interval, each time for a whole lease', async () => {
  const { clock, beats, heard } = openHeartbeat();
  await clock.advance(2 * BEAT_MS);
  expect(beats).toEqual([0, 950, 1900].map((at) => ({ at, leaseMs: 3000, mostScheduled: 4 })));
  expect(heard).toEqual([]);
});

test('told that there is something to hear, it beats at once and goes on from there', async () => {
  const { clock, beats, beatNow } = openHeartbeat();
  await clock.advance(400);
  beatNow();
  await clock.advance(BEAT_MS);
  expect(beats.map((one) => one.at)).toEqual([0, 400, 1350]);
});

test('told that there may be something, it beats within a quarter of a second, once for all that said so', async () => {
  const { clock, beats, beatSoon } = openHeartbeat();
  await clock.advance(100);
  beatSoon();
  await clock.advance(100);
  beatSoon();
  await clock.advance(BEAT_MS);
  expect(beats.map((one) => one.at)).toEqual([0, 350]);
  await clock.advance(200);
  expect(beats.map((one) => one.at)).toEqual([0, 350, 1300]);
});

test('it asks for as much as there is room for, and tells what is scheduled', async () => {
  const { clock, state, beats, heard } = openHeartbeat();
  await clock.settle();
  state.room = 2;
  state.answer = async () => ({ ...alive(claim(1)), scheduled: [{ execution: executionId(5), attempt: 2 }] });
  state.held = [claimedExecution(1)];
  await clock.advance(BEAT_MS);
  expect(beats.map((one) => one.mostScheduled)).toEqual([4, 2]);
  expect(heard).toEqual(['scheduled 5/2']);
});

test('what was held before the question, is held still, and is not in the answer, is lost', async () => {
  const { clock, state, heard } = openHeartbeat();
  const [kept, lost, other] = [claimedExecution(1), claimedExecution(2), claimedExecution(3)];
  state.held = [kept, lost, other];
  state.answer = async () => alive(claim(1), claim(3, { attempt: 2 }));
  await clock.settle();
  await clock.advance(BEAT_MS);
  expect(heard).toContain('lost 2/1');
  expect(heard).toContain('lost 3/1');
  expect(heard.filter((one) => one.endsWith('1/1'))).toEqual([]);
});

test('what began or ended while the database answered is not lost', async () => {
  const { clock, state, heard } = openHeartbeat();
  const ended = claimedExecution(1);
  state.held = [ended];
  state.answer = async () => {
    state.held = [claimedExecution(2)];
    return alive();
  };
  await clock.advance(BEAT_MS);
  state.held = [];
  expect(heard).toEqual([]);
});

test('an end that is wanted is told at every beat, a cordon too', async () => {
  const { clock, state, heard } = openHeartbeat();
  state.held = [claimedExecution(1)];
  state.answer = async () => ({ ...alive(claim(1, { isCanceling: true })), isCordoned: true });
  await clock.advance(BEAT_MS);
  await clock.advance(BEAT_MS);
  expect(heard).toEqual(['cordoned', 'canceling 1/1', 'cordoned', 'canceling 1/1']);
});

test('a claim that nobody here knows of is stray when the next answer has it too', async () => {
  const { clock, state, heard } = openHeartbeat();
  await clock.advance(900);
  state.answer = async () => alive(claim(1), claim(2));
  await clock.advance(100);
  expect(heard).toEqual([]);
  state.held = [claimedExecution(2)];
  await clock.advance(BEAT_MS);
  expect(heard).toEqual(['stray 1/1']);
});

test('what ended while the database answered is not stray yet', async () => {
  const { clock, state, heard } = openHeartbeat();
  await clock.settle();
  state.held = [claimedExecution(1)];
  state.answer = async () => {
    state.held = [];
    return alive(claim(1));
  };
  await clock.advance(BEAT_MS);
  await clock.advance(BEAT_MS);
  expect(heard).toEqual([]);
  await clock.advance(BEAT_MS);
  expect(heard).toEqual(['stray 1/1']);
});

test('a database that is away is a problem, not an end; strays are remembered meanwhile', async () => {
  const { clock, state, beats, heard } = openHeartbeat();
  state.answer = async () => alive(claim(1));
  await clock.advance(BEAT_MS);
  heard.length = 0;
  state.answer = async () => {
    throw new Unavailable('no database');
  };
  await clock.advance(2 * BEAT_MS);
  expect(heard).toEqual(['no database', 'no database']);
  state.answer = async () => alive(claim(1));
  await clock.advance(BEAT_MS);
  expect(heard.at(-1)).toBe('stray 1/1');
  expect(beats.map((one) => one.at)).toEqual([0, 950, 1900, 2850, 3800]);
});

test('replaced by another process, it ends and beats no more', async () => {
  const { clock, end, state, beats } = openHeartbeat();
  await clock.settle();
  state.answer = async () => ({ kind: 'replaced' });
  await clock.advance(BEAT_MS);
  expect(await end).toBe('replaced');
  await clock.advance(5000);
  expect(beats).toHaveLength(2);
});

test('told to stop, it ends at once', async () => {
  const { clock, end, stop, beats } = openHeartbeat();
  await clock.advance(100);
  stop.abort();
  expect(await end).toBe('stopped');
  expect([beats.length, clock.sleepers()]).toEqual([1, []]);
});

test('a defect ends it', async () => {
  const { clock, end, state } = openHeartbeat();
  await clock.settle();
  state.answer = async () => {
    throw new TypeError('a defect');
  };
  const failing = end.catch((error: unknown) => String(error));
  await clock.advance(BEAT_MS);
  expect(await failing).toBe('TypeError: a defect');
});

test('a wall clock that is set back by an hour changes nothing', async () => {
  const { clock, beats, beatSoon } = openHeartbeat();
  await clock.advance(BEAT_MS);
  clock.shiftWall(-3_600_000);
  beatSoon();
  await clock.advance(BEAT_MS);
  expect(beats.map((one) => one.at)).toEqual([0, 950, 1201]);
});
