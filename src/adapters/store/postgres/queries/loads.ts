import { type Offered, readCapabilities } from '#adapters/store/capabilities.ts';
import { MOST_SILENT } from '#adapters/store/limits.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { workerId } from '#domain/ids.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';

/** What workers offer, as it was read once. */
export type Offers = Map<string, { readonly hash: string; readonly name: string; readonly offered: Offered }>;

export function createOffers(): Offers {
  return new Map();
}

interface CommonColumns {
  readonly passes: string;
  readonly has_waiting: boolean;
}

interface LoadRow extends CommonColumns {
  readonly id: string;
  readonly hash: string;
  readonly cordoned: boolean;
  readonly is_paused: boolean;
  readonly is_fresh: boolean;
  readonly is_avoided: boolean;
  readonly assigned: number;
}

const silent = { name: '', ...readCapabilities(null) };

interface Loads {
  /** The number of passes that schedulers had made before the loads were read. */
  readonly passes: string;
  /** False: nothing waits, and there is nothing to read about it. */
  readonly hasWaiting: boolean;
  readonly workers: readonly WorkerLoad[];
}

/**
 * Reads the loads of all living workers that run actions, and the capabilities of those only that are not known yet.
 * Where none is alive and something waits, some that are silent are listed, without their names and capabilities.
 * Who is alive is asked behind OFFSET 0: a planner takes the living for one, since heartbeats are newer than its
 * statistics, and would count what is assigned once for each of them.
 */
export async function readLoads(sql: Caller['sql'], leaseMs: number, offers: Offers): Promise<Loads> {
  const rows = await sql<(LoadRow | (CommonColumns & { readonly id: null }))[]>`
    SELECT l.passes, (SELECT agent_has_waiting()) AS has_waiting,
      w.id, w.hash, w.cordoned, w.is_paused, w.is_fresh, w.is_avoided, w.assigned
    FROM agent_lock l
    LEFT JOIN (
      SELECT w.id, w.capabilities_hash AS hash, w.cordoned, COALESCE(w.meta ? 'paused', false) AS is_paused,
        w.status = 'active' AS is_fresh, COALESCE(w.avoided_until > now(), false) AS is_avoided,
        COALESCE(a.assigned, 0) AS assigned,
        w.last_heartbeat >= now() - make_interval(secs => ${leaseMs / 1000}) AS is_alive
      FROM worker w
      LEFT JOIN (
        SELECT worker, count(*)::int AS assigned FROM execution
        WHERE indexed_status = 'assigned' AND worker IS NOT NULL GROUP BY worker
      ) a ON a.worker = w.id
      WHERE w.worker_role = 'action'
      OFFSET 0
    ) w ON w.is_alive
    WHERE l.name = 'schedule' ORDER BY w.id`;
  const present = rows.flatMap((row) => (row.id === null ? [] : row));
  await learn(sql, present, offers);
  const passes = rows[0]?.passes ?? '0';
  const hasWaiting = rows[0]?.has_waiting ?? false;
  if (present.length === 0) return { passes, hasWaiting, workers: hasWaiting ? await readSilent(sql) : [] };
  const workers = present.flatMap((row) => {
    const known = offers.get(row.id);
    if (known?.hash !== row.hash) return []; /* it has changed at this moment: the next pass sees it */
    return {
      ...known.offered,
      worker: workerId(row.id),
      name: known.name,
      isCordoned: row.cordoned,
      isPaused: row.is_paused,
      isFresh: row.is_fresh,
      isAvoided: row.is_avoided,
      assigned: row.assigned,
    };
  });
  return { passes, hasWaiting, workers };
}

/** Workers that are silent, for the reason why nothing can be scheduled. */
async function readSilent(sql: Caller['sql']): Promise<readonly WorkerLoad[]> {
  const rows = await sql<{ id: string }[]>`
    SELECT id FROM worker WHERE worker_role = 'action' ORDER BY id DESC LIMIT ${MOST_SILENT}`;
  const nothing = { isCordoned: false, isPaused: false, isFresh: false, isAvoided: false, assigned: 0 };
  return rows.map(({ id }) => ({ ...silent, ...nothing, worker: workerId(id) }));
}

async function learn(sql: Caller['sql'], rows: readonly LoadRow[], offers: Offers): Promise<void> {
  if (offers.size > rows.length) {
    const present = new Set(rows.map((row) => row.id));
    for (const id of offers.keys()) if (!present.has(id)) offers.delete(id);
  }
  const unknown = rows.flatMap(({ id, hash }) => (offers.get(id)?.hash === hash ? [] : id));
  if (unknown.length === 0) return;
  const read = await sql<{ id: string; name: string; hash: string; capabilities: unknown }[]>`
    SELECT id, name, capabilities_hash AS hash, capabilities FROM worker
    WHERE id = ANY(ARRAY(SELECT json_array_elements_text(${JSON.stringify(unknown)}::text::json)::bigint))`;
  for (const { id, name, hash, capabilities } of read)
    offers.set(id, { hash, name, offered: readCapabilities(capabilities) });
}
