import type { Queries } from '#adapters/store/queries.ts';
import type { AgentStore, ScopedStore } from '#domain/agent-store.ts';
import type { ControlStore, WorkerStore } from '#domain/store.ts';
import type { Caller, ScopedCaller } from './connect.ts';
import { appendLogs } from './queries/append-logs.ts';
import { listArtifacts, readArtifact } from './queries/artifacts.ts';
import { assignWorkerName } from './queries/assign-worker-name.ts';
import { listAudit, saveAudit } from './queries/audit.ts';
import { beginDrain } from './queries/begin-drain.ts';
import { cancel } from './queries/cancel.ts';
import { checkWritable } from './queries/check-writable.ts';
import { claim } from './queries/claim.ts';
import { cordon } from './queries/cordon.ts';
import { countUnfinished } from './queries/count-unfinished.ts';
import { deletePack } from './queries/delete-pack.ts';
import { deregister } from './queries/deregister.ts';
import { dispatchAgain } from './queries/dispatch-again.ts';
import { encryptAgain, readersOfBefore } from './queries/encrypt-again.ts';
import { endStale } from './queries/end-stale.ts';
import {
  beginEnvironment,
  endEnvironment,
  forgetEnvironments,
  listEnvironments,
  renewEnvironment,
  retryEnvironment,
} from './queries/environments.ts';
import { findAction } from './queries/find-action.ts';
import { findEnded } from './queries/find-ended.ts';
import { forget } from './queries/forget.ts';
import { forgetWorkers } from './queries/forget-workers.ts';
import { heartbeat } from './queries/heartbeat.ts';
import { hideParameters } from './queries/hide-parameters.ts';
import { keepLogs } from './queries/keep-logs.ts';
import { deleteKey, findKey, findKeyNames, listKeys, saveKey } from './queries/keys.ts';
import { listActions } from './queries/list-actions.ts';
import { listExecutions } from './queries/list-executions.ts';
import { findPack, listPacks } from './queries/list-packs.ts';
import { listWorkers } from './queries/list-workers.ts';
import { measure } from './queries/measure.ts';
import { measureLogs } from './queries/measure-logs.ts';
import { mayUpload, ownsWorker } from './queries/owns.ts';
import { pause } from './queries/pause.ts';
import { pollLogs } from './queries/poll-logs.ts';
import { findOldArtifacts, forgetArtifacts, prune } from './queries/prune.ts';
import { publishEvents } from './queries/publish-events.ts';
import { readActivity } from './queries/read-activity.ts';
import { readAttempts } from './queries/read-attempts.ts';
import { readExecution } from './queries/read-execution.ts';
import { readLogRange } from './queries/read-log-range.ts';
import { readLogs } from './queries/read-logs.ts';
import { readRequest } from './queries/read-request.ts';
import { readRequirements } from './queries/read-requirements.ts';
import { recoverLost } from './queries/recover-lost.ts';
import { register } from './queries/register.ts';
import { removeWorker } from './queries/remove-worker.ts';
import { request } from './queries/request.ts';
import { requestOnce } from './queries/request-once.ts';
import { listRuntimes, saveRuntimes } from './queries/runtimes.ts';
import { saveDeadLetter } from './queries/save-dead-letter.ts';
import { savePack, savePacks } from './queries/save-pack.ts';
import { createSchedule } from './queries/schedule.ts';
import {
  addSchedule,
  deleteSchedule,
  dueSchedules,
  findSchedule,
  listSchedules,
  pauseSchedule,
  stepSchedule,
} from './queries/schedules.ts';
import { readSecrets } from './queries/secrets.ts';
import { settle } from './queries/settle.ts';
import { takeBack } from './queries/take-back.ts';
import {
  findToken,
  listTokens,
  noteTokens,
  revokeToken,
  saveFirstToken,
  saveToken,
  validTokens,
} from './queries/tokens.ts';
import { unpublished } from './queries/unpublished.ts';
import { dropMessages, endDelivery, listMessages, takeDeliveries } from './queries/webhook-messages.ts';
import {
  addWebhook,
  deleteWebhook,
  findWebhook,
  hasCallbackSecret,
  listWebhooks,
  pauseWebhook,
  readWebhookTarget,
  saveCallbackSecret,
  saveWebhookSecret,
} from './queries/webhooks.ts';

/** Workers call functions of the database, so that a login may be restricted to them. */
const agentQueries: Queries<Caller, AgentStore> = {
  register,
  heartbeat,
  claim,
  appendLogs,
  settle,
  beginDrain,
  pause,
  deregister,
  beginEnvironment,
  renewEnvironment,
  endEnvironment,
  forgetEnvironments,
};

export const scopedQueries: Queries<ScopedCaller, ScopedStore> = { ...agentQueries, owns: ownsWorker, mayUpload };

const queries: Queries<Caller, Omit<WorkerStore & ControlStore, 'schedule'>> = {
  ...agentQueries,

  /* The scheduler, its monitor, and whoever publishes messages. */
  unpublished,
  forget,
  recoverLost,
  takeBack,
  dispatchAgain,
  keepLogs,
  forgetWorkers,
  endStale,
  publishEvents,
  saveDeadLetter,
  dueSchedules,
  stepSchedule,
  prune,
  findOldArtifacts,
  forgetArtifacts,
  takeDeliveries,
  endDelivery,

  /* The API. */
  addWebhook,
  listWebhooks,
  findWebhook,
  deleteWebhook,
  pauseWebhook,
  saveWebhookSecret,
  listMessages,
  dropMessages,
  readWebhookTarget,
  saveCallbackSecret,
  hasCallbackSecret,
  listSchedules,
  findSchedule,
  addSchedule,
  pauseSchedule,
  deleteSchedule,
  listEnvironments,
  listArtifacts,
  readArtifact,
  saveRuntimes,
  listRuntimes,
  readSecrets,
  findPack,
  savePack,
  savePacks,
  findAction,
  request,
  cancel,
  readExecution,
  findEnded,
  readLogs,
  listWorkers,
  listPacks,
  deletePack,
  listActions,
  requestOnce,
  readRequest,
  listExecutions,
  pollLogs,
  measureLogs,
  readLogRange,
  cordon,
  countUnfinished,
  removeWorker,
  saveToken,
  saveFirstToken,
  listTokens,
  noteTokens,
  findToken,
  validTokens,
  revokeToken,
  saveKey,
  listKeys,
  findKey,
  findKeyNames,
  deleteKey,
  encryptAgain,
  readersOfBefore,
  hideParameters,
  assignWorkerName,
  checkWritable,
  measure,
  saveAudit,
  listAudit,

  /* Who runs it. */
  readActivity,
  readAttempts,
  readRequirements,
  retryEnvironment,
};

/** The queries of one store, with what they remember. */
export function createQueries(): Queries<Caller, WorkerStore & ControlStore> {
  return { ...queries, schedule: createSchedule() };
}
