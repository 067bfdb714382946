/**
 * Everything that a store promises, a subject in each file of this folder. Every adapter passes the same tests, and no
 * test knows which adapter it runs on.
 */
import type { Store } from '#domain/store.ts';
import { action, pack } from '#test/contract/samples.ts';
import { actionsContract } from './actions.ts';
import { adhocCodeContract } from './adhoc-code.ts';
import { artifactsContract } from './artifacts.ts';
import { auditContract } from './audit.ts';
import { cancelContract } from './cancel.ts';
import { claimContract } from './claim.ts';
import { cordonContract } from './cordon.ts';
import { deadLettersContract } from './dead-letters.ts';
import { drainContract } from './drain.ts';
import { environmentsContract } from './environments.ts';
import { executionTokensContract } from './execution-tokens.ts';
import { figuresContract } from './figures.ts';
import type { StoreContract } from './fixtures.ts';
import { forgetWorkersContract } from './forget-workers.ts';
import { heartbeatContract } from './heartbeat.ts';
import { hintsContract } from './hints.ts';
import { keysContract } from './keys.ts';
import { lifeOfAnExecutionContract } from './life-of-an-execution.ts';
import { listsContract } from './lists.ts';
import { logRangesContract } from './log-ranges.ts';
import { logsContract } from './logs.ts';
import { operatorsContract } from './operators.ts';
import { originContract } from './origin.ts';
import { outboxContract } from './outbox.ts';
import { ownersContract } from './owners.ts';
import { packsContract } from './packs.ts';
import { pauseContract } from './pause.ts';
import { recoverLostContract } from './recover-lost.ts';
import { registrationContract } from './registration.ts';
import { repeatedRequestsContract } from './repeated-requests.ts';
import { requestsContract } from './requests.ts';
import { retentionContract } from './retention.ts';
import { runtimesContract } from './runtimes.ts';
import { scheduleContract } from './schedule.ts';
import { schedulesContract } from './schedules.ts';
import { secretResultsContract } from './secret-results.ts';
import { settleContract } from './settle.ts';
import { takeBackContract } from './take-back.ts';
import { tokensContract } from './tokens.ts';
import { turnsContract } from './turns.ts';
import { webhooksContract } from './webhooks.ts';

const sampleActions = [
  action('echo'),
  action('other'),
  action('flaky', { maxRetries: 2 }),
  action('gpu', { workerSelector: { gpu: 'yes' } }),
  action('asking', { apiScopes: ['read', 'submit'] }),
];

/** What workers and the scheduler rely on. */
export const workerContract = contractOf(
  registrationContract,
  lifeOfAnExecutionContract,
  outboxContract,
  claimContract,
  originContract,
  settleContract,
  heartbeatContract,
  recoverLostContract,
  drainContract,
  pauseContract,
  scheduleContract,
  hintsContract,
  takeBackContract,
  cancelContract,
  logsContract,
  forgetWorkersContract,
  requestsContract,
  actionsContract,
  deadLettersContract,
);

/** What depends on the settings of sessions. */
export const settingsContract = contractOf(logsContract, tokensContract);

/** What the API relies on. */
export const controlPlaneContract = contractOf(
  listsContract,
  adhocCodeContract,
  repeatedRequestsContract,
  logRangesContract,
  cordonContract,
  tokensContract,
  operatorsContract,
  turnsContract,
  auditContract,
  figuresContract,
  keysContract,
  secretResultsContract,
  artifactsContract,
  packsContract,
  runtimesContract,
  environmentsContract,
  schedulesContract,
  webhooksContract,
  retentionContract,
);

/** What keeps workers of different owners apart. */
export const ownerContract = contractOf(ownersContract, executionTokensContract);

/** Declares the tests of an adapter: `open` opens a new, empty store. */
type Declare = (test: StoreContract['test'], open: () => Promise<Store>) => void;

function contractOf(...subjects: readonly ((contract: StoreContract) => void)[]): Declare {
  return (test, open) => {
    const openWithPack = async (): Promise<Store> => {
      const store = await open();
      await store.savePack({ pack, runtimes: [], actions: sampleActions });
      await store.publishEvents(true);
      return store;
    };
    for (const declare of subjects) declare({ test, open: openWithPack });
  };
}
