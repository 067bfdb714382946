const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A duration in two units at most: `340 ms`, `2.4 s`, `3 min 20 s`, `5 h 2 min`, `12 d 3 h`. */
export function describeDuration(ms: number): string {
  const given = Math.max(0, ms);
  if (given < SECOND_MS) return `${Math.round(given)} ms`;
  if (given < MINUTE_MS) return `${(given / SECOND_MS).toFixed(given < 10 * SECOND_MS ? 1 : 0)} s`;
  if (given < HOUR_MS) return inTwo(given, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  return given < DAY_MS
    ? inTwo(given, [HOUR_MS, 'h'], [MINUTE_MS, 'min'])
    : inTwo(given, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

type Unit = readonly [ms: number, name: string];

function inTwo(ms: number, [large, ofLarge]: Unit, [small, ofSmall]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${ofLarge}${rest === 0 ? '' : ` ${rest} ${ofSmall}`}`;
}

export interface Times {
  readonly created: string;
  readonly started_at: string | null;
  readonly updated: string;
  readonly duration_ms?: number | null | undefined;
}

/** How long an execution waited before it began, or has waited so far, in milliseconds; undefined: it ended before. */
export function queuedMs({ created, started_at: started }: Times, now: number, hasEnded: boolean): number | undefined {
  if (started === null && hasEnded) return undefined;
  return (started === null ? now : Date.parse(started)) - Date.parse(created);
}

/** How long an execution ran, or has run so far, in milliseconds; undefined: it has not begun. */
export function ranMs({ started_at: started, duration_ms: ran, updated }: Times, now: number, hasEnded: boolean) {
  if (ran != null) return ran;
  return started === null ? undefined : (hasEnded ? Date.parse(updated) : now) - Date.parse(started);
}
