/** The life of an execution, by the names of protocol.md. */
export type ExecutionStatus = 'requested' | 'scheduling' | 'scheduled' | 'running' | 'canceling' | FinalStatus;

export type FinalStatus = 'completed' | 'failed' | 'cancelled' | 'timeout' | 'abandoned';

const finalStatuses: readonly string[] = ['completed', 'failed', 'cancelled', 'timeout', 'abandoned'];

/** Nothing changes any more. */
export function isFinal(status: ExecutionStatus): status is FinalStatus {
  return finalStatuses.includes(status);
}
