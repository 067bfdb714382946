import type { AgentStore } from '#domain/agent-store.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { ControlStore, Store, WorkerStore } from '#domain/store.ts';
import { type Caller, type Database, openDatabase, WORKER_CONNECTIONS } from './connect.ts';
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
import { mayUpload, ownsWorker } from './queries/owns.ts';
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

interface PostgresOptions {
  readonly connections?: number;
  /** For keys and secret results; undefined: none can be stored or read. */
  readonly cipher?: Cipher | undefined;
}

/** The store in a PostgreSQL whose schema `migrate` has made. Times are the server's. Connects when first used. */
export function openPostgresStore(
  url: string,
  { connections = WORKER_CONNECTIONS, cipher }: PostgresOptions = {},
): Store {
  const database = openDatabase(url, connections);
  const { use } = database;
  return {
    ...agentMethods({ use, cipher }),
    ...scheduleMethods(use),
    ...controlMethods(use, cipher),
    scopedTo: (owner) => ({
      ...agentMethods({ use, cipher }, owner),
      owns: (worker) => use((sql) => ownsWorker(sql, owner, worker)),
      mayUpload: (execution, attempt) => use((sql) => mayUpload(sql, owner, { execution, attempt })),
    }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

interface AgentDependencies {
  readonly use: Database['use'];
  readonly cipher: Cipher | undefined;
}

/** What workers ask: functions of the database, which a login may call that can do nothing else. */
function agentMethods({ use, cipher }: AgentDependencies, owner?: string): AgentStore {
  const as = <T>(work: (caller: Caller) => Promise<T>): Promise<T> => use((sql) => work({ sql, owner }));
  return {
    register: (registration, leaseMs, gone) => as((caller) => register(caller, registration, { leaseMs, gone })),
    heartbeat: (session, leaseMs) => as((caller) => heartbeat(caller, session, leaseMs)),
    claim: (session, offers, leaseMs) => as((caller) => claim(caller, session, { offers, leaseMs, cipher })),
    appendLogs: (chunks) => as((caller) => appendLogs(caller, chunks)),
    settle: (settlements) => as((caller) => settle(caller, settlements, cipher)),
    beginDrain: (session) => as((caller) => beginDrain(caller, session)),
    deregister: (session) => as((caller) => deregister(caller, session)),
    beginEnvironment: (session, one, leaseMs) => as((caller) => beginEnvironment(caller, session, { ...one, leaseMs })),
    renewEnvironment: (session, key, leaseMs) => as((caller) => renewEnvironment(caller, session, { key, leaseMs })),
    endEnvironment: (session, key, end) => as((caller) => endEnvironment(caller, session, { key, end })),
    forgetEnvironments: (keys) => as((caller) => forgetEnvironments(caller, keys)),
  };
}

/** What the scheduler asks, and who publishes messages. */
function scheduleMethods(use: Database['use']): Omit<WorkerStore, keyof AgentStore> {
  return {
    unpublished: (limit, olderThanMs) => use((sql) => unpublished(sql, limit, olderThanMs)),
    forget: (ids) => use((sql) => forget(sql, ids)),
    schedule: (bounds, plan) => use((sql) => schedule(sql, bounds, plan)),
    recoverLost: (limit) => use((sql) => recoverLost(sql, limit)),
    takeBack: (bounds) => use((sql) => takeBack(sql, bounds)),
    dispatchAgain: (olderThanMs) => use((sql) => dispatchAgain(sql, olderThanMs)),
    keepLogs: (days) => use((sql) => keepLogs(sql, days)),
    forgetWorkers: (olderThanMs) => use((sql) => forgetWorkers(sql, olderThanMs)),
    saveDeadLetter: (letter) => use((sql) => saveDeadLetter(sql, letter)),
  };
}

/** What the API asks. */
function controlMethods(use: Database['use'], cipher: Cipher | undefined): ControlStore {
  return {
    listEnvironments: () => use((sql) => listEnvironments(sql)),
    listArtifacts: (filter) => use((sql) => listArtifacts(sql, filter)),
    readArtifact: (id) => use((sql) => readArtifact(sql, id)),
    saveRuntimes: (templates) => use((sql) => saveRuntimes(sql, templates)),
    listRuntimes: () => use((sql) => listRuntimes(sql)),
    readSecrets: (execution) => use((sql) => readSecrets(sql, execution, cipher)),
    findPack: (packRef) => use((sql) => findPack(sql, packRef)),
    savePack: (pack) => use((sql) => savePack(sql, pack)),
    findAction: (actionRef) => use((sql) => findAction(sql, actionRef)),
    request: (requests) => use((sql) => request(sql, requests)),
    cancel: (execution, by) => use((sql) => cancel(sql, execution, by)),
    readExecution: (execution) => use((sql) => readExecution(sql, execution)),
    readLogs: (execution, after, limit) => use((sql) => readLogs(sql, execution, { ...after, limit })),
    listWorkers: (leaseMs) => use((sql) => listWorkers(sql, leaseMs)),
    listPacks: () => use((sql) => listPacks(sql)),
    listActions: (packRef) => use((sql) => listActions(sql, packRef)),
    requestOnce: (one, once) => use((sql) => requestOnce(sql, one, once)),
    readRequest: (execution) => use((sql) => readRequest(sql, execution)),
    listExecutions: (filter) => use((sql) => listExecutions(sql, filter)),
    pollLogs: (cursors, limit) => use((sql) => pollLogs(sql, cursors, limit)),
    measureLogs: (execution) => use((sql) => measureLogs(sql, execution)),
    readLogRange: (execution, range, limit) => use((sql) => readLogRange(sql, execution, { ...range, limit })),
    cordon: (worker, cordoning) => use((sql) => cordon(sql, worker, cordoning)),
    saveToken: (token) => use((sql) => saveToken(sql, token)),
    saveFirstToken: (token) => use((sql) => saveFirstToken(sql, token)),
    listTokens: () => use((sql) => listTokens(sql)),
    findToken: (hash) => use((sql) => findToken(sql, hash)),
    revokeToken: (id) => use((sql) => revokeToken(sql, id)),
    saveKey: (key) => use((sql) => saveKey(sql, key, cipher)),
    listKeys: () => use((sql) => listKeys(sql)),
    deleteKey: (ref) => use((sql) => deleteKey(sql, ref)),
    assignWorkerName: (name, owner) => use((sql) => assignWorkerName(sql, name, owner)),
    measure: () => use((sql) => measure(sql)),
    saveAudit: (entries) => use((sql) => saveAudit(sql, entries)),
    listAudit: (before, limit) => use((sql) => listAudit(sql, before, limit)),
  };
}
