import { type DispatchRow, dispatchHints } from '#adapters/store/hints.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import { planRounds } from '#adapters/store/plan-rounds.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { createTurns } from '#adapters/store/turns.ts';
import { workerId } from '#domain/ids.ts';
import type { Decision, Plan, ScheduleBounds, Scheduled } from '#domain/schedule-store.ts';
import { storableJson } from '#formats/storable.ts';
import { createOffers, readLoads } from './loads.ts';
import { readRound } from './waiting.ts';

/**
 * Makes the query that schedules requested executions. It reads, plans without a transaction, and writes in one
 * statement, unless another scheduler has written since it read. The cost depends on the number of workers and on the
 * limit, not on how much waits, nor for how many actions. It remembers capabilities that it has read, and whose turn it
 * is.
 */
export function createSchedule() {
  const offers = createOffers();
  const turns = createTurns();
  return async ({ sql }: Caller, bounds: ScheduleBounds, plan: Plan): Promise<Scheduled | undefined> => {
    const { passes, hasWaiting, workers } = await readLoads(sql, bounds.leaseMs, offers);
    const rounds = planRounds({ workers, bounds, plan, turns });
    let step = rounds.next();
    while (!step.done) step = rounds.next(hasWaiting ? await readRound(sql, step.value) : undefined);
    const { decisions, hasMore, sawAll } = step.value;
    if (decisions.length === 0) return { messages: [], dispatched: 0, givenUp: 0, hasMore, sawAll };
    const done = await carryOut(sql, decisions, passes);
    if (!done) return undefined;
    const taking = new Set(workers.flatMap((one) => (one.takesBatches ? [one.worker] : [])));
    const told = done.dispatches.map((row) => ({ ...row, takes_batches: taking.has(workerId(row.worker)) }));
    const { messages, givenUp } = done;
    return { messages: [...messages, ...dispatchHints(told)], dispatched: told.length, givenUp, hasMore, sawAll };
  };
}

type Dispatched = Omit<DispatchRow, 'takes_batches'>;

interface Done extends Omit<Scheduled, 'dispatched' | 'hasMore' | 'sawAll'> {
  readonly dispatches: readonly Dispatched[];
}

interface Row {
  readonly passes: number;
  readonly dispatches: readonly Dispatched[] | null;
  readonly given_up: number;
  readonly outbox: OutboxRow | null;
}

/** Carries decisions out, about executions that still wait; undefined if there was another pass since `passes`. */
async function carryOut(sql: Caller['sql'], decisions: readonly Decision[], passes: string): Promise<Done | undefined> {
  const rows = storableJson(decisions.map((one, n) => ({ n, ...rowOf(one) })));
  const answers = await sql<Row[]>`
    WITH pass AS (
      UPDATE agent_lock SET passes = passes + 1 WHERE name = 'schedule' AND passes = ${passes} RETURNING passes
    ), decided AS (
      SELECT d.* FROM pass, json_to_recordset(${rows}::text::json)
        AS d(n INTEGER, kind TEXT, execution BIGINT, worker BIGINT, result JSONB)
    ), waiting AS (
      SELECT e.id, d.n, d.kind, d.worker, d.result FROM decided d JOIN execution e ON e.id = d.execution
      WHERE e.id = ANY(ARRAY(SELECT execution FROM decided)) AND e.status = 'requested'
      ORDER BY e.id FOR UPDATE OF e SKIP LOCKED
    ), dispatched AS (
      UPDATE execution e SET status = 'scheduled', worker = w.worker, attempt = COALESCE(e.attempt, 0) + 1,
        dispatched_at = now(), updated = now()
      FROM waiting w WHERE w.kind = 'dispatch' AND e.id = w.id
      RETURNING e.id, e.worker, e.attempt, w.n
    ), given_up AS (
      UPDATE execution e SET status = 'timeout', result = w.result, updated = now()
      FROM waiting w WHERE w.kind = 'give-up' AND e.id = w.id
      RETURNING e.*
    ), enqueued AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM given_up g, LATERAL agent_events(g.id, g.action, g.action_ref, 'requested', 'timeout', g.result) m
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT counts.*, to_jsonb(enqueued) AS outbox
    FROM (SELECT (SELECT count(*)::int FROM pass) AS passes, (SELECT count(*)::int FROM given_up) AS given_up,
      (SELECT json_agg(d ORDER BY n) FROM dispatched d) AS dispatches) counts
    LEFT JOIN enqueued ON true`;
  const [first] = answers;
  if (!first || first.passes === 0) return undefined;
  const messages = answers.flatMap(({ outbox }) => (outbox ? readOutbox(outbox) : []));
  return { messages, dispatches: first.dispatches ?? [], givenUp: first.given_up };
}

function rowOf(decision: Decision): object {
  if (decision.kind !== 'give-up') return decision;
  return { ...decision, result: { succeeded: false, timed_out: true, error: decision.reason } };
}
