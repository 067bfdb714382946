import { type Offered, readCapabilities } from '#adapters/store/capabilities.ts';
import { MOST_SILENT } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ASSIGNED } from '#adapters/store/status-lists.ts';
import { workerId } from '#domain/ids.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';

/** What living workers offer, as their processes said it: each says it once. */
export type Offers = Map<number, { readonly instance: string | null; readonly offered: Offered }>;

/** Workers of which one pass reads what they offer, 64 KiB each: others are read by the next pass. */
const MOST_LEARNT = 100;

const silent = readCapabilities(null);

interface LoadRow {
  readonly id: number;
  readonly name: string;
  readonly instance: string | null;
  readonly cordoned: number;
  readonly is_paused: number;
  readonly is_fresh: number;
  readonly is_avoided: number;
  readonly assigned: number;
}

/** Reads the loads of all living workers; where there is none, of some that are silent, without what they offer. */
export function readLoads(sqlite: Sqlite, leaseMs: number, offers: Offers): readonly WorkerLoad[] {
  const { database, now } = sqlite;
  const since = now() - leaseMs;
  const read = (ids: string, most: number): readonly LoadRow[] =>
    database
      .query<LoadRow, [number, number, number]>(`
        SELECT w.id, w.name, w.instance, w.cordoned,
          w.status = 'active' AND COALESCE(w.last_heartbeat >= ?1, 0) AS is_fresh,
          COALESCE(w.avoided_until > ?2, 0) AS is_avoided,
          w.paused IS NOT NULL AS is_paused,
          (SELECT count(*) FROM execution e WHERE e.worker = w.id AND e.status IN ${ASSIGNED}) AS assigned
        FROM worker w WHERE w.id IN (${ids}) ORDER BY w.id LIMIT ?3`)
      .all(since, now(), most);
  const alive = read('SELECT id FROM worker WHERE last_heartbeat >= ?1', -1);
  learn(sqlite, alive, offers);
  if (alive.length === 0)
    return read('SELECT id FROM worker ORDER BY id DESC LIMIT ?3', MOST_SILENT).map((row) => loadOf(row, silent));
  return alive.flatMap((row) => {
    const known = offers.get(row.id);
    return known?.instance === row.instance ? loadOf(row, known.offered) : [];
  });
}

function learn({ database }: Sqlite, rows: readonly LoadRow[], offers: Offers): void {
  const present = new Set(rows.map(({ id }) => id));
  for (const id of offers.keys()) if (!present.has(id)) offers.delete(id);
  const unknown = rows.filter(({ id, instance }) => offers.get(id)?.instance !== instance).slice(0, MOST_LEARNT);
  const read = database.query<{ capabilities: string }, [number]>('SELECT capabilities FROM worker WHERE id = ?');
  for (const { id, instance } of unknown)
    offers.set(id, { instance, offered: readCapabilities(JSON.parse(read.get(id)?.capabilities ?? 'null')) });
}

function loadOf(row: LoadRow, offered: Offered): WorkerLoad {
  return {
    ...offered,
    worker: workerId(row.id),
    name: row.name,
    isCordoned: row.cordoned === 1,
    isPaused: row.is_paused === 1,
    isFresh: row.is_fresh === 1,
    isAvoided: row.is_avoided === 1,
    assigned: row.assigned,
  };
}
