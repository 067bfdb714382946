import { functions, type SqlFunction } from '#adapters/store/postgres/functions.ts';
import agentAbandon from './functions/agent_abandon.sql' with { type: 'text' };
import agentAdmit from './functions/agent_admit.sql' with { type: 'text' };
import agentAppendLogs from './functions/agent_append_logs.sql' with { type: 'text' };
import agentBeginDrain from './functions/agent_begin_drain.sql' with { type: 'text' };
import agentClaim from './functions/agent_claim.sql' with { type: 'text' };
import agentDeregister from './functions/agent_deregister.sql' with { type: 'text' };
import agentFinishVersions from './functions/agent_finish_versions.sql' with { type: 'text' };
import agentGrant from './functions/agent_grant.sql' with { type: 'text' };
import agentHeartbeat from './functions/agent_heartbeat.sql' with { type: 'text' };
import agentHolds from './functions/agent_holds.sql' with { type: 'text' };
import agentKeepLogs from './functions/agent_keep_logs.sql' with { type: 'text' };
import agentLockArtifact from './functions/agent_lock_artifact.sql' with { type: 'text' };
import agentLogVersions from './functions/agent_log_versions.sql' with { type: 'text' };
import agentMessages from './functions/agent_messages.sql' with { type: 'text' };
import agentOwner from './functions/agent_owner.sql' with { type: 'text' };
import agentOwnerIsGone from './functions/agent_owner_is_gone.sql' with { type: 'text' };
import agentPause from './functions/agent_pause.sql' with { type: 'text' };
import agentRegister from './functions/agent_register.sql' with { type: 'text' };
import agentSaveArtifacts from './functions/agent_save_artifacts.sql' with { type: 'text' };
import agentSettle from './functions/agent_settle.sql' with { type: 'text' };

/** A function of the own kind of database whose text differs here in the names of tables alone. */
function shared(name: string): SqlFunction {
  const found = functions.find((one) => one.name === name);
  if (!found) throw new Error(`there is no function ${name}`);
  return { name, sql: found.sql.replace(/\b(outbox|pack_environment)\b/g, 'agent_$1') };
}

/** Every function of a joined database, each behind those that it calls. */
const joinedFunctions: readonly SqlFunction[] = [
  shared('agent_seconds'),
  shared('agent_lease'),
  shared('agent_may'),
  { name: 'agent_owner', sql: agentOwner },
  { name: 'agent_messages', sql: agentMessages },
  { name: 'agent_owner_is_gone', sql: agentOwnerIsGone },
  { name: 'agent_holds', sql: agentHolds },
  { name: 'agent_keep_logs', sql: agentKeepLogs },
  { name: 'agent_abandon', sql: agentAbandon },
  shared('agent_refuse_large'),
  { name: 'agent_admit', sql: agentAdmit },
  { name: 'agent_register', sql: agentRegister },
  { name: 'agent_heartbeat', sql: agentHeartbeat },
  { name: 'agent_claim', sql: agentClaim },
  shared('agent_chunks'),
  shared('agent_refuse_snapshot'),
  { name: 'agent_append_logs', sql: agentAppendLogs },
  { name: 'agent_lock_artifact', sql: agentLockArtifact },
  { name: 'agent_save_artifacts', sql: agentSaveArtifacts },
  { name: 'agent_log_versions', sql: agentLogVersions },
  { name: 'agent_finish_versions', sql: agentFinishVersions },
  shared('agent_without_files'),
  { name: 'agent_settle', sql: agentSettle },
  { name: 'agent_begin_drain', sql: agentBeginDrain },
  { name: 'agent_pause', sql: agentPause },
  { name: 'agent_deregister', sql: agentDeregister },
  shared('agent_ledger_key'),
  shared('agent_begin_environment'),
  shared('agent_renew_environment'),
  shared('agent_end_environment'),
  shared('agent_forget_environments'),
  shared('agent_unpublished'),
  shared('agent_forget'),
  { name: 'agent_grant', sql: agentGrant },
];

/** The functions of a joined database whose tables are in this schema. */
export function joinedFunctionsIn(schema: string): readonly SqlFunction[] {
  return joinedFunctions.map(({ name, sql }) => ({
    name,
    sql: sql.replaceAll('SET search_path = attune,', `SET search_path = ${schema},`),
  }));
}
