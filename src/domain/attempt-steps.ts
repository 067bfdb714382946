/** The times of an attempt, as the API tells them (ISO 8601) or null where they are not known. */
export interface AttemptTimes {
  readonly scheduled_at: string | null;
  readonly claimed_at: string | null;
  readonly ended_at: string | null;
  readonly prepared_ms: number | null;
  readonly ran_ms: number | null;
}

/** A step of an attempt, and how long it took or has taken so far. */
export interface Step {
  readonly name: 'waited' | 'scheduled' | 'prepared' | 'ran' | 'stored';
  readonly ms: number;
  readonly isOver: boolean;
}

/**
 * The steps of an attempt that have begun: waiting for a worker, for it to claim, for the environment to be ready, the
 * run, and its result being stored. What nobody has measured counts to the step in which it happened.
 */
export function stepsOf(attempt: AttemptTimes, since: string, now: number): readonly Step[] {
  const { scheduled_at: scheduled, claimed_at: claimed, ended_at: ended } = attempt;
  const [from, end] = [Date.parse(since), ended === null ? undefined : Date.parse(ended)];
  const toldAt = scheduled === null ? undefined : Date.parse(scheduled);
  const claimedAt = claimed === null ? undefined : Date.parse(claimed);
  /* A worker is told again of what it has not claimed, so that this may be noted later than the claim. */
  const scheduledAt = toldAt !== undefined && claimedAt !== undefined ? Math.min(toldAt, claimedAt) : toldAt;
  const steps: Step[] = [step('waited', { from, to: scheduledAt ?? claimedAt ?? end, now })];
  if (scheduledAt !== undefined) steps.push(step('scheduled', { from: scheduledAt, to: claimedAt ?? end, now }));
  return claimedAt === undefined ? steps : [...steps, ...stepsOfWorker(attempt, claimedAt, { end, now })];
}

function stepsOfWorker(
  { prepared_ms: prepared, ran_ms: ran }: AttemptTimes,
  claimedAt: number,
  { end, now }: { readonly end: number | undefined; readonly now: number },
): readonly Step[] {
  if (prepared === null || ran === null || end === undefined) return [step('ran', { from: claimedAt, to: end, now })];
  return [
    { name: 'prepared', ms: prepared, isOver: true },
    { name: 'ran', ms: ran, isOver: true },
    { name: 'stored', ms: Math.max(0, end - claimedAt - prepared - ran), isOver: true },
  ];
}

interface Span {
  readonly from: number;
  /** Undefined: it goes on. */
  readonly to: number | undefined;
  readonly now: number;
}

function step(name: Step['name'], { from, to, now }: Span): Step {
  return { name, ms: Math.max(0, (to ?? now) - from), isOver: to !== undefined };
}
