/** How many rows one statement changes or reads, and how long rows are kept: the same in both databases. */

/** Executions that are taken back from their workers in one statement; the next tick takes more. */
export const MOST_TAKEN_BACK = 500;
/** Executions that are dispatched again in one statement; the next tick dispatches more. */
export const MOST_DISPATCHED_AGAIN = 500;
/** Builds of environments in the list, those that changed last. */
export const MOST_ENVIRONMENTS = 1000;
/** Executions whose times are measured, those that were requested last. */
export const MOST_MEASURED = 1000;
/** Days that the audit log is kept: a year, and a month to look at it. */
export const AUDIT_DAYS = 400;
