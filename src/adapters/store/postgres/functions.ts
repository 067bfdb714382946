import agentAdmit from './functions/agent_admit.sql' with { type: 'text' };
import agentAppendLogs from './functions/agent_append_logs.sql' with { type: 'text' };
import agentBeginDrain from './functions/agent_begin_drain.sql' with { type: 'text' };
import agentBeginEnvironment from './functions/agent_begin_environment.sql' with { type: 'text' };
import agentChunks from './functions/agent_chunks.sql' with { type: 'text' };
import agentClaim from './functions/agent_claim.sql' with { type: 'text' };
import agentCountActive from './functions/agent_count_active.sql' with { type: 'text' };
import agentDeregister from './functions/agent_deregister.sql' with { type: 'text' };
import agentDispatchMessage from './functions/agent_dispatch_message.sql' with { type: 'text' };
import agentEncryptionSalt from './functions/agent_encryption_salt.sql' with { type: 'text' };
import agentEndEnvironment from './functions/agent_end_environment.sql' with { type: 'text' };
import agentEndStale from './functions/agent_end_stale.sql' with { type: 'text' };
import agentEvents from './functions/agent_events.sql' with { type: 'text' };
import agentExecutionIds from './functions/agent_execution_ids.sql' with { type: 'text' };
import agentForget from './functions/agent_forget.sql' with { type: 'text' };
import agentForgetEnvironments from './functions/agent_forget_environments.sql' with { type: 'text' };
import agentGrant from './functions/agent_grant.sql' with { type: 'text' };
import agentHasWaiting from './functions/agent_has_waiting.sql' with { type: 'text' };
import agentHeartbeat from './functions/agent_heartbeat.sql' with { type: 'text' };
import agentHolds from './functions/agent_holds.sql' with { type: 'text' };
import agentKeepLogs from './functions/agent_keep_logs.sql' with { type: 'text' };
import agentLease from './functions/agent_lease.sql' with { type: 'text' };
import agentLedgerKey from './functions/agent_ledger_key.sql' with { type: 'text' };
import agentMay from './functions/agent_may.sql' with { type: 'text' };
import agentMessages from './functions/agent_messages.sql' with { type: 'text' };
import agentNextLane from './functions/agent_next_lane.sql' with { type: 'text' };
import agentOldestWaiting from './functions/agent_oldest_waiting.sql' with { type: 'text' };
import agentOwner from './functions/agent_owner.sql' with { type: 'text' };
import agentOwnerIsGone from './functions/agent_owner_is_gone.sql' with { type: 'text' };
import agentPause from './functions/agent_pause.sql' with { type: 'text' };
import agentPublishesEvents from './functions/agent_publishes_events.sql' with { type: 'text' };
import agentRefuseLarge from './functions/agent_refuse_large.sql' with { type: 'text' };
import agentRefuseSnapshot from './functions/agent_refuse_snapshot.sql' with { type: 'text' };
import agentRegister from './functions/agent_register.sql' with { type: 'text' };
import agentRenewEnvironment from './functions/agent_renew_environment.sql' with { type: 'text' };
import agentSaveArtifacts from './functions/agent_save_artifacts.sql' with { type: 'text' };
import agentSaveDetected from './functions/agent_save_detected.sql' with { type: 'text' };
import agentSeconds from './functions/agent_seconds.sql' with { type: 'text' };
import agentSettle from './functions/agent_settle.sql' with { type: 'text' };
import agentUnpublished from './functions/agent_unpublished.sql' with { type: 'text' };
import agentWaiting from './functions/agent_waiting.sql' with { type: 'text' };
import agentWithoutFiles from './functions/agent_without_files.sql' with { type: 'text' };
import notifyArtifact from './functions/notify_artifact.sql' with { type: 'text' };
import notifyExecution from './functions/notify_execution.sql' with { type: 'text' };

/** A function of the database: the text of its file, `functions/NAME.sql`. */
export interface SqlFunction {
  readonly name: string;
  readonly sql: string;
}

/** Every function, each behind those that it calls: PostgreSQL checks the body of an SQL function when it is made. */
export const functions: readonly SqlFunction[] = [
  { name: 'notify_execution', sql: notifyExecution },
  { name: 'notify_artifact', sql: notifyArtifact },
  { name: 'agent_count_active', sql: agentCountActive },
  { name: 'agent_messages', sql: agentMessages },
  { name: 'agent_publishes_events', sql: agentPublishesEvents },
  { name: 'agent_events', sql: agentEvents },
  { name: 'agent_dispatch_message', sql: agentDispatchMessage },
  { name: 'agent_seconds', sql: agentSeconds },
  { name: 'agent_lease', sql: agentLease },
  { name: 'agent_may', sql: agentMay },
  { name: 'agent_owner', sql: agentOwner },
  { name: 'agent_owner_is_gone', sql: agentOwnerIsGone },
  { name: 'agent_holds', sql: agentHolds },
  { name: 'agent_encryption_salt', sql: agentEncryptionSalt },
  { name: 'agent_save_detected', sql: agentSaveDetected },
  { name: 'agent_refuse_large', sql: agentRefuseLarge },
  { name: 'agent_admit', sql: agentAdmit },
  { name: 'agent_register', sql: agentRegister },
  { name: 'agent_heartbeat', sql: agentHeartbeat },
  { name: 'agent_claim', sql: agentClaim },
  { name: 'agent_chunks', sql: agentChunks },
  { name: 'agent_refuse_snapshot', sql: agentRefuseSnapshot },
  { name: 'agent_append_logs', sql: agentAppendLogs },
  { name: 'agent_save_artifacts', sql: agentSaveArtifacts },
  { name: 'agent_without_files', sql: agentWithoutFiles },
  { name: 'agent_settle', sql: agentSettle },
  { name: 'agent_begin_drain', sql: agentBeginDrain },
  { name: 'agent_pause', sql: agentPause },
  { name: 'agent_deregister', sql: agentDeregister },
  { name: 'agent_ledger_key', sql: agentLedgerKey },
  { name: 'agent_begin_environment', sql: agentBeginEnvironment },
  { name: 'agent_renew_environment', sql: agentRenewEnvironment },
  { name: 'agent_end_environment', sql: agentEndEnvironment },
  { name: 'agent_forget_environments', sql: agentForgetEnvironments },
  { name: 'agent_unpublished', sql: agentUnpublished },
  { name: 'agent_forget', sql: agentForget },
  { name: 'agent_next_lane', sql: agentNextLane },
  { name: 'agent_waiting', sql: agentWaiting },
  { name: 'agent_has_waiting', sql: agentHasWaiting },
  { name: 'agent_oldest_waiting', sql: agentOldestWaiting },
  { name: 'agent_execution_ids', sql: agentExecutionIds },
  { name: 'agent_keep_logs', sql: agentKeepLogs },
  { name: 'agent_end_stale', sql: agentEndStale },
  { name: 'agent_grant', sql: agentGrant },
];
