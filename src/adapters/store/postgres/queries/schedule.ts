import { type DispatchRow, dispatchHints } from '#adapters/store/hints.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import { planRounds } from '#adapters/store/plan-rounds.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { createTurns } from '#adapters/store/turns.ts';
import { codeOf } from '#domain/errors.ts';
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
    const done = await carryOut(sql, { decisions, passes }).catch(async (error: unknown) => {
      if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      return await carryOut(sql, { decisions, passes }, 'around locks');
    });
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

/** A code of PostgreSQL: somebody else has held a lock for too long. */
const LOCK_NOT_AVAILABLE = '55P03';
/** Who cancels an execution holds its row for a millisecond or two. */
const PATIENCE_MS = 100;

/** How long a statement waits for the row of an execution, and of which of those decided it is about, as SQL. */
const ways = {
  'at once': {
    patience: `AND set_config('lock_timeout', '${PATIENCE_MS}', true) IS NOT NULL`,
    free: 'SELECT * FROM decided',
  },
  'around locks': {
    patience: '',
    free: `SELECT d.* FROM decided d JOIN execution e ON e.id = d.execution
      WHERE e.id = ANY(ARRAY(SELECT execution FROM decided)) ORDER BY e.id FOR UPDATE OF e SKIP LOCKED`,
  },
} as const;

/**
 * Carries decisions out, about executions that still wait; undefined if there was another pass since `passes`. To lock
 * a row before it is updated is a record of WAL more for each execution: so rows are locked, and those that others hold
 * are left out, only after a statement that has waited for one for too long, and has thrown the database's error.
 */
async function carryOut(
  sql: Caller['sql'],
  { decisions, passes }: { readonly decisions: readonly Decision[]; readonly passes: string },
  way: keyof typeof ways = 'at once',
): Promise<Done | undefined> {
  const rows = storableJson(decisions.map((one, n) => ({ n, ...rowOf(one) })));
  const { patience, free } = ways[way];
  const isTheirs = sql.unsafe(`
    e.id = f.execution AND e.id = ANY(ARRAY(SELECT execution FROM decided)) AND e.status = 'requested'`);
  const answers = await sql<Row[]>`
    WITH pass AS (
      UPDATE agent_lock SET passes = passes + 1 WHERE name = 'schedule' AND passes = ${passes} ${sql.unsafe(patience)}
      RETURNING passes
    ), decided AS (
      SELECT d.* FROM pass, json_to_recordset(${rows}::text::json)
        AS d(n INTEGER, kind TEXT, execution BIGINT, worker BIGINT, result JSONB)
    ), free AS (
      ${sql.unsafe(free)}
    ), dispatched AS (
      UPDATE execution e SET status = 'scheduled', worker = f.worker, attempt = COALESCE(e.attempt, 0) + 1,
        dispatched_at = now(), updated = now()
      FROM free f WHERE f.kind = 'dispatch' AND ${isTheirs}
      RETURNING e.id, e.worker, e.attempt, f.n
    ), given_up AS (
      UPDATE execution e SET status = 'timeout', result = f.result, updated = now()
      FROM free f WHERE f.kind = 'give-up' AND ${isTheirs}
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
