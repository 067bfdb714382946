import type { ExecutionRequest } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { Result } from '#domain/result.ts';
import type { DueSchedule } from '#domain/schedule.ts';
import type { ScheduleStep, TimetableStore } from '#domain/timetable-store.ts';
import { ifAvailable, Unavailable } from '#domain/unavailable.ts';
import { nextTimes } from '#formats/cron.ts';

const LOOK_MS = 1000;
/** Schedules of one look; where there are more, the next look follows at once. */
const MOST_AT_ONCE = 100;
/** A time that is later than this has been missed: no server ran. */
const MISSED_AFTER_MS = 60_000;

export interface TimetableDependencies {
  readonly store: TimetableStore;
  readonly relay: Pick<Relay, 'publish'>;
  readonly clock: Pick<Clock, 'sleep' | 'random'>;
  readonly logger: Logger;
  /** Prepares what a schedule requests; the error says why it cannot be requested. */
  prepare(schedule: DueSchedule): Promise<Result<ExecutionRequest, string>>;
}

/** Requests what schedules ask for, when they ask for it, until `stop` aborts. Any number of servers may do so at once. */
export async function runTimetable(deps: TimetableDependencies, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const hasMore = await ifAvailable(() => lookOnce(deps));
    if (!hasMore) await deps.clock.sleep(LOOK_MS * (0.5 + deps.clock.random()), stop);
  }
}

async function lookOnce(deps: TimetableDependencies): Promise<boolean> {
  const { now, due } = await deps.store.dueSchedules(MOST_AT_ONCE);
  for (const one of due) await makeStep(deps, one, now);
  return due.length === MOST_AT_ONCE;
}

async function makeStep(deps: TimetableDependencies, due: DueSchedule, now: number): Promise<void> {
  const step = { schedule: due.id, from: due.dueAt };
  try {
    const [to] = nextTimes(due, Math.max(now, due.dueAt ?? now), 1);
    await take(deps, due, { ...step, to, outcome: await outcomeOf(deps, due, now) });
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    /* One that cannot be read or stored is paused with the reason, and keeps no other one waiting. */
    await take(deps, due, { ...step, to: undefined, outcome: { problem: messageOf(error) } }).catch(
      (again: unknown) => {
        if (again instanceof Unavailable) throw again;
        deps.logger.error('schedule cannot be stored', { schedule: due.id, why: messageOf(again) });
      },
    );
  }
}

async function take(deps: TimetableDependencies, due: DueSchedule, step: ScheduleStep): Promise<void> {
  const { outcome } = step;
  const made = await deps.store.stepSchedule(step);
  if (!made) return; /* another server was faster, or the schedule has changed */
  deps.relay.publish(made.messages);
  const about = { schedule: due.id, action: due.actionRef };
  if (outcome && 'problem' in outcome)
    deps.logger.warn('nothing requested by schedule', { ...about, why: outcome.problem });
  else if (made.execution !== undefined)
    deps.logger.info('requested by schedule', { ...about, execution: made.execution });
}

/** What is requested now; nothing by a schedule that has just got its first time, or that skips what was missed. */
async function outcomeOf(
  { prepare }: TimetableDependencies,
  due: DueSchedule,
  now: number,
): Promise<ScheduleStep['outcome']> {
  if (due.dueAt === undefined) return undefined;
  if (due.missed === 'skip' && now - due.dueAt > MISSED_AFTER_MS)
    return { problem: `missed ${new Date(due.dueAt).toISOString()}: no server ran` };
  const prepared = await prepare(due);
  return prepared.ok ? { request: prepared.value } : { problem: prepared.error };
}
