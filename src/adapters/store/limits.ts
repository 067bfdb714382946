import { MINUTE_MS } from '#domain/durations.ts';

/** The limits of both databases: the most rows that one statement changes or reads, and the time that rows are kept. */

/** The most executions that one statement takes back from their workers; the next tick takes more. */
export const MOST_TAKEN_BACK = 500;
/** The most executions that one statement dispatches again; the next tick dispatches more. */
export const MOST_DISPATCHED_AGAIN = 500;
/** The dispatches after which an execution that a live worker with room has not claimed is taken back. */
export const DISPATCHES_BEFORE_TAKING_BACK = 3;
/** The milliseconds for which the scheduler prefers others to a worker that did not claim what was scheduled for it. */
export const AVOIDED_MS = 5 * MINUTE_MS;
/** The most builds of environments in their list, those that changed last. */
export const MOST_ENVIRONMENTS = 1000;
/** The most workers of one owner. */
export const MOST_WORKERS = 1000;
/** The most silent workers that the scheduler counts, where none is alive. */
export const MOST_SILENT = 100;
/** The days after which a worker that is silent, holds nothing and is not cordoned is forgotten. */
export const WORKER_DAYS = 30;
/** The most executions whose times are measured, those that were requested last. */
export const MOST_MEASURED = 1000;
/** The most active executions of one status that are counted. */
export const MOST_COUNTED = 100_000;
/** The most lanes in which the oldest execution that waits is looked for, the highest priorities first. */
export const MOST_LANES_MEASURED = 1000;
/** The most messages that nobody has published, and the most dead letters, that are counted. */
export const MOST_MESSAGES_COUNTED = 10_000;
/** The days that the audit log is kept: a year, and a month to look at it. */
export const AUDIT_DAYS = 400;
