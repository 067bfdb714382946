import { type DispatchRow, dispatchHints } from '#adapters/store/hints.ts';
import { planRounds } from '#adapters/store/plan-rounds.ts';
import { type ExecutionColumns, finish } from '#adapters/store/sqlite/change-status.ts';
import { dispatchRowOf } from '#adapters/store/sqlite/dispatch.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { createTurns } from '#adapters/store/turns.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { Decision, Plan, ScheduleBounds, Scheduled } from '#domain/schedule-store.ts';
import { type Offers, readLoads } from './loads.ts';
import { readRound } from './waiting.ts';

/** Makes the query that schedules requested executions; it remembers what workers offer, and whose turn it is. */
export function createSchedule() {
  const offers: Offers = new Map();
  const turns = createTurns();
  return (sqlite: Sqlite, bounds: ScheduleBounds, plan: Plan): Scheduled => {
    const workers = readLoads(sqlite, bounds.leaseMs, offers);
    const rounds = planRounds({ workers, bounds, plan, turns });
    let step = rounds.next();
    while (!step.done) step = rounds.next(readRound(sqlite, step.value));
    const { decisions, hasMore, sawAll } = step.value;
    const left = decisions.flatMap((decision) => carryOut(sqlite, decision));
    const messages = [...left, ...dispatchHints(decisions.flatMap((decision) => dispatched(sqlite, decision)))];
    const count = (kind: Decision['kind']): number => decisions.filter((one) => one.kind === kind).length;
    return { messages, dispatched: count('dispatch'), givenUp: count('give-up'), hasMore, sawAll };
  };
}

function carryOut(sqlite: Sqlite, decision: Decision): readonly OutboxMessage[] {
  const { database, now } = sqlite;
  switch (decision.kind) {
    case 'dispatch':
      database
        .query(`
          UPDATE execution SET status = 'scheduled', worker = ?1, attempt = COALESCE(attempt, 0) + 1,
            dispatched_at = ?3, updated = ?3 WHERE id = ?2`)
        .run(decision.worker, decision.execution, now());
      return [];
    case 'give-up': {
      const row = database
        .query<ExecutionColumns, [string]>('SELECT id, action, action_ref, status FROM execution WHERE id = ?')
        .get(decision.execution);
      const result = { succeeded: false, timed_out: true, error: decision.reason };
      return row ? finish(sqlite, row, { status: 'timeout', result }) : [];
    }
  }
}

function dispatched(sqlite: Sqlite, { kind, execution }: Decision): readonly DispatchRow[] {
  const row = kind === 'dispatch' ? dispatchRowOf(sqlite, execution) : undefined;
  return row ? [row] : [];
}
