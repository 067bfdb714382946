/** The life of an execution, by the names of protocol.md: its statuses, their groups, and who may change which to which. */

/**
 * The statuses of an execution for which no worker has been chosen yet. Only Attune's Rust control plane sets
 * `scheduling`.
 */
export const WAITING_STATUSES = ['requested', 'scheduling'] as const;
/** The statuses of an execution that a worker has claimed and whose end it must report. */
export const CLAIMED_STATUSES = ['running', 'canceling'] as const;
/** The statuses in which an execution counts against the slots of its worker. */
export const ASSIGNED_STATUSES = ['scheduled', ...CLAIMED_STATUSES] as const;
/** The statuses of an execution that has not ended. */
export const ACTIVE_STATUSES = [...WAITING_STATUSES, ...ASSIGNED_STATUSES] as const;
/** The statuses of an execution that has ended, which nothing changes any more. */
export const FINAL_STATUSES = ['completed', 'failed', 'cancelled', 'timeout', 'abandoned'] as const;
/** The statuses after which another attempt follows while retries are left. */
export const RETRYABLE_STATUSES = ['failed', 'timeout', 'abandoned'] as const satisfies readonly FinalStatus[];
export const EXECUTION_STATUSES = [...ACTIVE_STATUSES, ...FINAL_STATUSES] as const;

type ActiveStatus = (typeof ACTIVE_STATUSES)[number];
export type FinalStatus = (typeof FINAL_STATUSES)[number];
export type ExecutionStatus = ActiveStatus | FinalStatus;

export interface Transition {
  readonly from: ActiveStatus;
  readonly to: ExecutionStatus;
  readonly by: 'client' | 'scheduler' | 'worker' | 'monitor';
  readonly on: StatusEvent;
}

export type StatusEvent =
  | 'cancel'
  /** The decisions of a plan. */
  | 'dispatch'
  | 'give-up'
  | 'claim'
  /** The verdicts of a worker: the end that it reports, or that the execution shall be run again. */
  | FinalStatus
  | 'again'
  | 'drain'
  | 'take-back'
  | 'dispatch-again'
  /** A lease is over: retries are left, or none. */
  | 'lost-with-retries'
  | 'lost-for-good';

/** Every transition that is allowed. A status may stay as it is: the event then changes something else in the row. */
export const TRANSITIONS: readonly Transition[] = [
  { from: 'requested', to: 'scheduled', by: 'scheduler', on: 'dispatch' },
  { from: 'requested', to: 'timeout', by: 'scheduler', on: 'give-up' },
  { from: 'requested', to: 'cancelled', by: 'client', on: 'cancel' },
  { from: 'scheduling', to: 'cancelled', by: 'client', on: 'cancel' },
  { from: 'scheduled', to: 'running', by: 'worker', on: 'claim' },
  { from: 'scheduled', to: 'requested', by: 'worker', on: 'drain' },
  { from: 'scheduled', to: 'requested', by: 'monitor', on: 'take-back' },
  { from: 'scheduled', to: 'scheduled', by: 'monitor', on: 'dispatch-again' },
  { from: 'scheduled', to: 'cancelled', by: 'client', on: 'cancel' },
  /* The answer to a claim was lost, and its worker claims again. */
  { from: 'running', to: 'running', by: 'worker', on: 'claim' },
  { from: 'running', to: 'requested', by: 'worker', on: 'again' },
  { from: 'running', to: 'requested', by: 'monitor', on: 'lost-with-retries' },
  { from: 'running', to: 'abandoned', by: 'monitor', on: 'lost-for-good' },
  { from: 'running', to: 'canceling', by: 'client', on: 'cancel' },
  /* The cancel message may be lost: cancelling again sends another one. */
  { from: 'canceling', to: 'canceling', by: 'client', on: 'cancel' },
  { from: 'canceling', to: 'cancelled', by: 'worker', on: 'again' },
  { from: 'canceling', to: 'cancelled', by: 'monitor', on: 'lost-with-retries' },
  { from: 'canceling', to: 'cancelled', by: 'monitor', on: 'lost-for-good' },
  ...CLAIMED_STATUSES.flatMap((from) =>
    FINAL_STATUSES.map((end) => ({ from, to: end, by: 'worker', on: end }) as const),
  ),
];

/** The status after the event; undefined if the event is not allowed, and the row must stay as it is. */
export function nextStatus(from: ExecutionStatus, on: StatusEvent): ExecutionStatus | undefined {
  return TRANSITIONS.find((one) => one.from === from && one.on === on)?.to;
}

/**
 * Tells whether a status is final, so that nothing changes it any more. A status that this version does not know is not
 * known to be final.
 */
export function isFinal(status: string): status is FinalStatus {
  const group: readonly string[] = FINAL_STATUSES;
  return group.includes(status);
}
