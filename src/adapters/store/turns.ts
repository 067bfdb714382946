import type { Decision, RequestedExecution } from '#domain/schedule-store.ts';

/** The most packs whose place is remembered. */
const MOST_REMEMBERED = 256;
/** Above every priority that an execution can have. */
export const ABOVE_ALL = 1000;

/** A lane that a pass has come by, and what it took of it. */
export interface Visited {
  readonly lane: string;
  readonly requests: readonly RequestedExecution[];
}

/** The lanes of one priority that a pass looked at. */
export interface Round {
  readonly priority: number;
  readonly visited: readonly Visited[];
  /** True if there are more lanes of this priority than a pass looks at. */
  readonly isCut: boolean;
  /** True if something waits with a lower priority. */
  readonly hasLower: boolean;
}

/** Where a round begins. */
export interface Place {
  /** Priorities from this one up were looked at. */
  readonly below: number;
  /** About how many executions it takes in all, at least one of each lane. */
  readonly limit: number;
  readonly afterPack: string | undefined;
  /** The lanes behind which packs go on, by their refs. */
  readonly afterLanes: ReadonlyMap<string, string>;
}

/** Where the passes of a scheduler stopped: the next ones go on there, so that packs and actions take turns. */
export interface Turns {
  afterPack(): string | undefined;
  /** The lanes behind which packs go on, by their refs. */
  afterLanes(): ReadonlyMap<string, string>;
  /** Notes what became of a round, so that the next pass begins behind it. */
  note(round: Round, decisions: readonly Decision[]): void;
}

export function createTurns(): Turns {
  let lastPack: string | undefined;
  const lastLanes = new Map<string, string>();
  const remember = (lane: string): void => {
    const pack = packOf(lane);
    lastLanes.delete(pack);
    lastLanes.set(pack, lane);
    const [oldest] = lastLanes.keys();
    if (lastLanes.size > MOST_REMEMBERED && oldest !== undefined) lastLanes.delete(oldest);
  };
  return {
    afterPack: () => lastPack,
    afterLanes: () => lastLanes,
    note: ({ visited }, decisions) => {
      const served = new Set(decisions.flatMap((one) => (one.kind === 'dispatch' ? one.execution : [])));
      const lanes = inTurns(visited).flatMap(({ lane, request }) => (served.has(request.execution) ? lane : []));
      const behind = lanes.length > 0 ? lanes : visited.map((one) => one.lane);
      for (const lane of behind) remember(lane);
      const last = behind.at(-1);
      if (last !== undefined) lastPack = packOf(last);
    },
  };
}

/** Orders what a round took: packs take turns, and within a pack its lanes. */
export function inTurns(
  visited: readonly Visited[],
): readonly { readonly lane: string; readonly request: RequestedExecution }[] {
  const packs = Map.groupBy(visited, ({ lane }) => packOf(lane));
  return interleave(
    [...packs.values()].map((lanes) =>
      interleave(lanes.map(({ lane, requests }) => requests.map((request) => ({ lane, request })))),
    ),
  );
}

/** The ref of the pack of a lane. */
export function packOf(lane: string): string {
  return lane.slice(0, lane.indexOf('.'));
}

/** The first of each list, then the second of each, and so on. */
function interleave<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map((one) => one.length));
  return Array.from({ length: longest }, (_, n) => lists.flatMap((one) => one.slice(n, n + 1))).flat();
}
