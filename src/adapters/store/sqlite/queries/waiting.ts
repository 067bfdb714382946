import { type RequirementColumns, readRequirements } from '#adapters/store/requirements.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { type Place, packOf, type Round } from '#adapters/store/turns.ts';
import { executionId } from '#domain/ids.ts';
import type { RequestedExecution } from '#domain/schedule-store.ts';

/** The most packs and lanes that a round looks at. */
const MOST_PACKS = 64;
const MOST_LANES = 256;
/** In the order of bytes it follows whatever a text may be continued with after a dot. */
const BEHIND_DOT = '/';
const NEXT = '\u0001';

/** Reads what waits with the highest priority below that of the place; undefined if nothing does. */
export function readRound(sqlite: Sqlite, place: Place): Round | undefined {
  const top = sqlite.database.query<{ priority: number }, [number]>(
    `SELECT priority FROM execution WHERE status = 'requested' AND priority < ? ORDER BY priority DESC LIMIT 1`,
  );
  const priority = top.get(place.below)?.priority;
  if (priority === undefined) return undefined;
  const { packs, isCut } = findLanes(sqlite, priority, place);
  const visited = packs.flatMap((lanes) => {
    const most = Math.max(1, Math.ceil(place.limit / packs.length / lanes.length));
    return lanes.map((lane) => ({ lane, requests: takeRequested(sqlite, { priority, lane, most }) }));
  });
  return { priority, visited, isCut, hasLower: top.get(priority) !== null };
}

/** Finds lanes of several packs, by turns behind those where the last round stopped. */
function findLanes(
  { database }: Sqlite,
  priority: number,
  { afterPack, afterLanes }: Place,
): { readonly packs: readonly (readonly string[])[]; readonly isCut: boolean } {
  const query = database.query<{ lane: string }, [number, string]>(
    `SELECT lane FROM execution WHERE status = 'requested' AND priority = ? AND lane >= ? ORDER BY lane LIMIT 1`,
  );
  const next = (since: string): string | undefined => query.get(priority, since)?.lane;
  const packs = goRound(next, {
    from: '',
    after: afterPack === undefined ? undefined : afterPack + BEHIND_DOT,
    behind: (lane) => packOf(lane) + BEHIND_DOT,
    most: MOST_PACKS,
  });
  const share = Math.max(1, Math.floor(MOST_LANES / packs.found.length));
  const ofPacks = packs.found.map(packOf).map((pack) => {
    const last = afterLanes.get(pack);
    const within = (since: string): string | undefined => {
      const lane = next(since);
      return lane !== undefined && packOf(lane) === pack ? lane : undefined;
    };
    const from = `${pack}.`;
    const after = last === undefined ? undefined : last + NEXT;
    return goRound(within, { from, after, behind: (lane) => lane + NEXT, most: share });
  });
  return { packs: ofPacks.map((one) => one.found), isCut: packs.isCut || ofPacks.some((one) => one.isCut) };
}

interface Walk {
  readonly from: string;
  /** Where it begins; it goes on at `from` when it comes to the end. */
  readonly after: string | undefined;
  readonly most: number;
  behind(found: string): string;
}

function goRound(
  next: (since: string) => string | undefined,
  { from, after, behind, most }: Walk,
): { readonly found: readonly string[]; readonly isCut: boolean } {
  const found: string[] = [];
  let hasTurned = after === undefined;
  for (let since = after ?? from; ; ) {
    const lane = next(since);
    if (lane === undefined) {
      if (hasTurned) return { found, isCut: false };
      hasTurned = true;
      since = from;
      continue;
    }
    since = behind(lane);
    if (found[0] !== undefined && behind(found[0]) === since) return { found, isCut: false };
    if (found.length === most) return { found, isCut: true };
    found.push(lane);
  }
}

interface RequestedRow extends RequirementTexts {
  readonly id: number;
  readonly due: number;
}

/** The columns of requirements as SQLite has them. */
export interface RequirementTexts {
  readonly action_ref: string;
  readonly has_action: number;
  readonly is_inline: number;
  readonly runtime: string | null;
  readonly runtime_version_constraint: string | null;
  readonly required: string | null;
  readonly selector: string | null;
  readonly tolerations: string | null;
  readonly affinity: string | null;
}

interface Lane {
  readonly priority: number;
  readonly lane: string;
  readonly most: number;
}

function takeRequested({ database, now }: Sqlite, { priority, lane, most }: Lane): readonly RequestedExecution[] {
  const rows = database
    .query<RequestedRow, [number, string, number, number]>(`
      SELECT e.id, e.action_ref, max(e.updated, e.schedule_after) AS due,
        a.id IS NOT NULL OR e.inline_runtime IS NOT NULL AS has_action, e.inline_runtime IS NOT NULL AS is_inline,
        COALESCE(e.inline_runtime, r.name) AS runtime,
        COALESCE(e.inline_options->>'runtime_version', a.runtime_version_constraint) AS runtime_version_constraint,
        a.required_worker_runtimes AS required, COALESCE(e.worker_selector, a.worker_selector) AS selector,
        COALESCE(e.worker_tolerations, a.worker_tolerations) AS tolerations,
        COALESCE(e.worker_affinity, a.worker_affinity) AS affinity
      FROM execution e LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime
      WHERE e.status = 'requested' AND e.priority = ? AND e.lane = ? AND e.schedule_after <= ?
      ORDER BY e.schedule_after, e.id LIMIT ?`)
    .all(priority, lane, now(), most);
  return rows.map((row) => ({
    execution: executionId(row.id),
    actionRef: row.action_ref,
    ageMs: now() - row.due,
    requirements: readRequirements(columnsOf(row)),
  }));
}

export function columnsOf(row: RequirementTexts): RequirementColumns {
  const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  return {
    ...row,
    has_action: row.has_action === 1,
    required_worker_runtimes: row.required === null ? [] : JSON.parse(row.required),
    selector: parsed(row.selector),
    tolerations: parsed(row.tolerations),
    affinity: parsed(row.affinity),
  };
}
