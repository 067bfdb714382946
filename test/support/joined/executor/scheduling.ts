/** The choice of a worker and the dispatch, as the executor of Attune's Rust control plane does them. */
import type postgres from 'postgres';

type Sql = postgres.Sql;

export type Scheduled =
  | { readonly kind: 'dispatched'; readonly worker: string; readonly payload: object }
  /** All compatible workers are inactive or cordoned: it tries again. */
  | { readonly kind: 'later' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Nobody waits for it any more. */
  | { readonly kind: 'stale' };

interface Wanted {
  readonly action_ref: string;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly param_schema: unknown;
  readonly runtimes: readonly string[] | null;
  readonly selector: Readonly<Record<string, string>> | null;
}

interface Candidate {
  readonly id: string;
  readonly is_schedulable: boolean;
  readonly is_fresh: boolean;
  readonly runtimes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Chooses a fresh active worker for a requested execution, and assigns it; `turn` counts, for round robin. */
export async function schedule(sql: Sql, execution: number, turn: number): Promise<Scheduled> {
  const [wanted] = await sql<Wanted[]>`
    UPDATE execution e SET status = 'scheduling' WHERE e.id = ${execution} AND e.status = 'requested'
    RETURNING e.action_ref, e.config, COALESCE(e.worker_selector, (SELECT worker_selector FROM action WHERE id = e.action))
      AS selector, (SELECT param_schema FROM action WHERE id = e.action),
      (SELECT array_append(r.aliases, lower(r.name)) FROM action a JOIN runtime r ON r.id = a.runtime WHERE a.id = e.action)
      AS runtimes`;
  if (!wanted) return { kind: 'stale' };
  const compatible = (await candidates(sql)).filter((one) => isCompatible(one, wanted));
  const free = compatible.filter((one) => one.is_schedulable && one.is_fresh);
  const chosen = free[turn % Math.max(free.length, 1)];
  if (!chosen) {
    const isTransient = compatible.some((one) => !one.is_schedulable);
    await sql`UPDATE execution SET status = ${isTransient ? 'requested' : 'failed'} WHERE id = ${execution}`;
    return isTransient ? { kind: 'later' } : { kind: 'failed', reason: 'no compatible worker' };
  }
  const [row] = await sql<{ updated: Date }[]>`
    UPDATE execution SET status = 'scheduled', worker = ${chosen.id} WHERE id = ${execution} RETURNING updated`;
  return {
    kind: 'dispatched',
    worker: chosen.id,
    payload: {
      ...{ execution_id: execution, worker_id: Number(chosen.id), action_ref: wanted.action_ref },
      ...{ config: withDefaults(wanted), scheduled_attempt_updated_at: row?.updated.toISOString() },
    },
  };
}

async function candidates(sql: Sql): Promise<readonly Candidate[]> {
  return await sql<Candidate[]>`
    SELECT id, status = 'active' AND NOT cordoned AS is_schedulable,
      last_heartbeat > now() - interval '90 seconds' AS is_fresh,
      COALESCE(capabilities->'runtimes', '[]') AS runtimes, COALESCE(capabilities->'labels', '{}') AS labels
    FROM worker WHERE worker_role = 'action' ORDER BY id`;
}

function isCompatible({ runtimes, labels }: Candidate, { runtimes: wanted, selector }: Wanted): boolean {
  const hasRuntime = wanted === null || runtimes.some((one) => wanted.includes(one));
  return hasRuntime && Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}

/** The defaults of the schema are in the message alone: the row stays as it was. */
function withDefaults({ config, param_schema: schema }: Wanted): object {
  const given = config ?? {};
  const properties = Object.entries(Object(Object(schema)['properties'] ?? schema ?? {}));
  const missing = properties.flatMap(([name, one]) => {
    const { default: value } = Object(one);
    return value === undefined || (given[name] ?? null) !== null ? [] : [[name, value] as const];
  });
  return { ...given, ...Object.fromEntries(missing) };
}
