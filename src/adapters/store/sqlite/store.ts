import type { AgentStore } from '#domain/agent-store.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { ControlStore, Store, WorkerStore } from '#domain/store.ts';
import { openSqlite, type Sqlite } from './open.ts';
import { appendLogs } from './queries/append-logs.ts';
import { listArtifacts, readArtifact } from './queries/artifacts.ts';
import { assignWorkerName } from './queries/assign-worker-name.ts';
import { listAudit, saveAudit } from './queries/audit.ts';
import { beginDrain } from './queries/begin-drain.ts';
import { cancel } from './queries/cancel.ts';
import { claim } from './queries/claim.ts';
import { cordon } from './queries/cordon.ts';
import { deregister } from './queries/deregister.ts';
import { dispatchAgain } from './queries/dispatch-again.ts';
import {
  beginEnvironment,
  endEnvironment,
  forgetEnvironments,
  listEnvironments,
  renewEnvironment,
} from './queries/environments.ts';
import { findAction } from './queries/find-action.ts';
import { forget } from './queries/forget.ts';
import { forgetWorkers } from './queries/forget-workers.ts';
import { heartbeat } from './queries/heartbeat.ts';
import { keepLogs } from './queries/keep-logs.ts';
import { deleteKey, listKeys, saveKey } from './queries/keys.ts';
import { listActions } from './queries/list-actions.ts';
import { listExecutions } from './queries/list-executions.ts';
import { findPack, listPacks } from './queries/list-packs.ts';
import { listWorkers } from './queries/list-workers.ts';
import { measure } from './queries/measure.ts';
import { measureLogs } from './queries/measure-logs.ts';
import { pollLogs } from './queries/poll-logs.ts';
import { readExecution } from './queries/read-execution.ts';
import { readLogRange } from './queries/read-log-range.ts';
import { readLogs } from './queries/read-logs.ts';
import { readRequest } from './queries/read-request.ts';
import { recoverLost } from './queries/recover-lost.ts';
import { register } from './queries/register.ts';
import { request } from './queries/request.ts';
import { requestOnce } from './queries/request-once.ts';
import { listRuntimes, saveRuntimes } from './queries/runtimes.ts';
import { saveDeadLetter } from './queries/save-dead-letter.ts';
import { savePack } from './queries/save-pack.ts';
import { schedule } from './queries/schedule.ts';
import { readSecrets } from './queries/secrets.ts';
import { settle } from './queries/settle.ts';
import { takeBack } from './queries/take-back.ts';
import { findToken, listTokens, revokeToken, saveFirstToken, saveToken } from './queries/tokens.ts';
import { unpublished } from './queries/unpublished.ts';
import { scopedTo } from './scoped-to.ts';

/** The store in one file, for one process. Each method is one immediate transaction. */
export function openSqliteStore(path: string, now: () => number, cipher?: Cipher): Store {
  const sqlite = openSqlite(path, now);
  const use = async <T>(work: () => T): Promise<T> => sqlite.database.transaction(work).immediate();
  const deps = { sqlite, use, cipher };
  return {
    ...agentMethods(deps),
    ...scheduleMethods(deps),
    ...controlMethods(deps),
    scopedTo: (owner) => scopedTo(sqlite, agentMethods(deps, owner), owner),
    [Symbol.asyncDispose]: async () => sqlite.database.close(),
  };
}

interface SqliteDependencies {
  readonly sqlite: Sqlite;
  readonly cipher: Cipher | undefined;
  /** In one immediate transaction. */
  use<T>(work: () => T): Promise<T>;
}

/** What workers ask. */
function agentMethods({ sqlite, use, cipher }: SqliteDependencies, owner?: string): AgentStore {
  return {
    register: (registration, leaseMs, gone) => use(() => register(sqlite, registration, { leaseMs, gone, owner })),
    heartbeat: (session, leaseMs) => use(() => heartbeat(sqlite, session, leaseMs)),
    claim: (session, offers, leaseMs) => use(() => claim(sqlite, session, { offers, leaseMs, cipher })),
    appendLogs: (chunks) => use(() => appendLogs(sqlite, chunks)),
    settle: (settlements) => use(() => settle(sqlite, settlements, cipher)),
    beginDrain: (session) => use(() => beginDrain(sqlite, session)),
    deregister: (session) => use(() => deregister(sqlite, session)),
    beginEnvironment: (session, one, leaseMs) => use(() => beginEnvironment(sqlite, session, { ...one, leaseMs })),
    renewEnvironment: (session, key, leaseMs) => use(() => renewEnvironment(sqlite, session, { key, leaseMs })),
    endEnvironment: (session, key, end) => use(() => endEnvironment(sqlite, session, { key, end })),
    forgetEnvironments: (keys) => use(() => forgetEnvironments(sqlite, keys)),
  };
}

/** What the scheduler asks, and who publishes messages. */
function scheduleMethods({ sqlite, use }: SqliteDependencies): Omit<WorkerStore, keyof AgentStore> {
  return {
    unpublished: (limit, olderThanMs) => use(() => unpublished(sqlite, limit, olderThanMs)),
    forget: (ids) => use(() => forget(sqlite, ids)),
    schedule: (bounds, plan) => use(() => schedule(sqlite, bounds, plan)),
    recoverLost: (limit) => use(() => recoverLost(sqlite, limit)),
    takeBack: (bounds) => use(() => takeBack(sqlite, bounds)),
    dispatchAgain: (olderThanMs) => use(() => dispatchAgain(sqlite, olderThanMs)),
    keepLogs: (days) => use(() => keepLogs(sqlite, days)),
    forgetWorkers: (olderThanMs) => use(() => forgetWorkers(sqlite, olderThanMs)),
    saveDeadLetter: (letter) => use(() => saveDeadLetter(sqlite, letter)),
  };
}

/** What the API asks. */
function controlMethods({ sqlite, use, cipher }: SqliteDependencies): ControlStore {
  return {
    listEnvironments: () => use(() => listEnvironments(sqlite)),
    listArtifacts: (filter) => use(() => listArtifacts(sqlite, filter)),
    readArtifact: (id) => use(() => readArtifact(sqlite, id)),
    saveRuntimes: (templates) => use(() => saveRuntimes(sqlite, templates)),
    listRuntimes: () => use(() => listRuntimes(sqlite)),
    readSecrets: (execution) => use(() => readSecrets(sqlite, execution, cipher)),
    findPack: (packRef) => use(() => findPack(sqlite, packRef)),
    savePack: (pack) => use(() => savePack(sqlite, pack)),
    findAction: (actionRef) => use(() => findAction(sqlite, actionRef)),
    request: (requests) => use(() => request(sqlite, requests)),
    cancel: (execution, by) => use(() => cancel(sqlite, execution, by)),
    readExecution: (execution) => use(() => readExecution(sqlite, execution)),
    readLogs: (execution, after, limit) => use(() => readLogs(sqlite, execution, { ...after, limit })),
    listWorkers: (leaseMs) => use(() => listWorkers(sqlite, leaseMs)),
    listPacks: () => use(() => listPacks(sqlite)),
    listActions: (packRef) => use(() => listActions(sqlite, packRef)),
    requestOnce: (one, once) => use(() => requestOnce(sqlite, one, once)),
    readRequest: (execution) => use(() => readRequest(sqlite, execution)),
    listExecutions: (filter) => use(() => listExecutions(sqlite, filter)),
    pollLogs: (cursors, limit) => use(() => pollLogs(sqlite, cursors, limit)),
    measureLogs: (execution) => use(() => measureLogs(sqlite, execution)),
    readLogRange: (execution, range, limit) => use(() => readLogRange(sqlite, execution, { ...range, limit })),
    cordon: (worker, cordoning) => use(() => cordon(sqlite, worker, cordoning)),
    saveToken: (token) => use(() => saveToken(sqlite, token)),
    saveFirstToken: (token) => use(() => saveFirstToken(sqlite, token)),
    listTokens: () => use(() => listTokens(sqlite)),
    findToken: (hash) => use(() => findToken(sqlite, hash)),
    revokeToken: (id) => use(() => revokeToken(sqlite, id)),
    saveKey: (key) => use(() => saveKey(sqlite, key, cipher)),
    listKeys: () => use(() => listKeys(sqlite)),
    deleteKey: (ref) => use(() => deleteKey(sqlite, ref)),
    assignWorkerName: (name, owner) => use(() => assignWorkerName(sqlite, name, owner)),
    measure: () => use(() => measure(sqlite)),
    saveAudit: (entries) => use(() => saveAudit(sqlite, entries)),
    listAudit: (before, limit) => use(() => listAudit(sqlite, before, limit)),
  };
}
