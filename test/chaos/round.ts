/** One round: executions are requested while everything fails in turn; then the history is checked. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { until } from '#test/support/until.ts';
import { type Counter, createCounter } from './counter.ts';
import { createDice, type Dice } from './dice.ts';
import { createFaults, type Faults } from './faults.ts';
import { type Tally, tally, violations } from './history.ts';
import { createLoad, type Load } from './load.ts';
import { countUnfinished, observe, prepareObservation } from './observation.ts';
import { actions, madePacks } from './output.ts';
import { createProcesses, directoriesOf, type Processes, WORKERS } from './processes.ts';
import { describeStuck, progressOf, waitWhileItMoves } from './stuck.ts';
import { watchTruth } from './truth.ts';

export interface RoundOptions {
  /** The build for tests, which can kill itself. */
  readonly agent: string;
  readonly seed: number;
  /** The round lasts at least so long. */
  readonly seconds: number;
  /** The round also lasts until there were so many of each, if the machine is not too slow for it. */
  readonly executions: number;
  readonly kills: number;
  /** True if the broker is away until every execution has ended. */
  readonly isBrokerAway?: boolean;
  readonly say: (line: string) => void;
}

export interface RoundReport {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly cancels: number;
  readonly tally: Tally;
  readonly violations: readonly string[];
  /** All that is known of a round that did not end. */
  readonly dump: string | undefined;
}

export const HEARTBEAT_S = 0.3;
export const LEASE_MS = HEARTBEAT_S * 3000;
const SAY_EVERY_MS = 10_000;
/** So many requests are confirmed between two faults at most, unless that takes too long. */
const MOST_BETWEEN = 8;
const MOST_PAUSE_MS = 5000;
/** By so much may a round that has not had its executions and kills last longer. */
const MOST_MORE_MS = 40_000;

export async function runRound(options: RoundOptions): Promise<RoundReport> {
  const { agent, seed, say, isBrokerAway = false } = options;
  const dice = createDice(seed);
  const counter = createCounter();
  const started = performance.now();
  await using resources = new AsyncDisposableStack();
  const proxied = await startBehindProxies(resources);
  const { cluster, brokerProxy } = proxied;
  const history = join(cluster.packs.path, 'history');
  await prepareObservation(cluster);
  if (isBrokerAway) brokerProxy.refuse();
  const processes = createProcesses({
    ...{ startWorker: cluster.startWorker, server: serverOf(proxied), names: WORKERS },
    ...{ places: directoriesOf(cluster), dice, faults: counter, agent, say },
  });
  const load = createLoad({ api: cluster.api, countUnfinished: () => countUnfinished(cluster), dice, history });
  const faults = createFaults({ ...proxied, processes, dice, counter, leaseMs: LEASE_MS });
  const kills = (): number => killsOf(counter, processes);
  const isDone = whenDone(options, { since: started, load, kills });
  await processes.start();
  const { health } = directoriesOf(cluster);
  const truth = watchTruth(cluster, { names: WORKERS, health, attempts: 'execution' });
  resources.defer(() => truth.stop());
  await Promise.all([load.requestUntil(isDone), failUntil(isDone, { faults, dice, load, kills, say })]);
  say(`quiet: everything may end now, after ${load.confirmed.length} executions and ${kills()} kills`);
  brokerProxy.unmute();
  await processes.calm();
  const progress = (): Promise<string> => progressOf(cluster, history);
  const areOut = async (): Promise<boolean> => (await cluster.sql`SELECT 1 FROM outbox LIMIT 1`).length === 0;
  const noEnd = await waitWhileItMoves({
    otherwise: 'not every execution has ended',
    isDone: async () => (await countUnfinished(cluster)) === 0,
    progress,
  });
  brokerProxy.accept();
  const notOut = await waitWhileItMoves({ otherwise: 'not every message is out', isDone: areOut, progress });
  const stuck = [noEnd, notOut].filter((one) => one !== undefined);
  const dump = stuck.length > 0 ? await describeStuck(cluster, processes, truth) : undefined;
  const deafestS = truth.deafestS();
  await processes.drain();
  const { artifacts } = directoriesOf(cluster);
  const observed = await observe(cluster, { history, artifacts, confirmed: load.confirmed, deafestS });
  return {
    ...{ seed, seconds: Math.round((performance.now() - started) / 1000) },
    ...{ faults: counter.all(), kills: kills(), cancels: load.cancels() },
    ...{ tally: tally(observed), violations: [...stuck, ...violations(observed)], dump },
  };
}

interface Proxied {
  readonly cluster: Cluster;
  readonly databaseProxy: TcpProxy;
  readonly brokerProxy: TcpProxy;
  readonly serverProxy: TcpProxy;
  /** The API by way of its proxy. */
  readonly serverUrl: string;
}

/** Starts a cluster whose processes reach the database, the broker and the server through proxies of the round. */
async function startBehindProxies(resources: AsyncDisposableStack): Promise<Proxied> {
  const proxies = new Map<string, TcpProxy>();
  const through = async (url: string): Promise<string> => {
    const target = new URL(url);
    const proxy = resources.use(await startProxy(Number(target.port)));
    proxies.set(target.protocol, proxy);
    target.port = String(proxy.port);
    return target.href;
  };
  const cluster = resources.use(await startCluster({ heartbeat: HEARTBEAT_S, through, actions }));
  for (const [name, files] of Object.entries(madePacks))
    for (const [path, text] of Object.entries(files)) cluster.packs.file(`${name}/${path}`, text);
  for (const path of Object.values(directoriesOf(cluster))) mkdirSync(path, { recursive: true });
  const serverUrl = await through(cluster.url);
  const [databaseProxy, brokerProxy, serverProxy] = ['postgres:', 'amqp:', 'http:'].map((one) => proxies.get(one));
  if (!(databaseProxy && brokerProxy && serverProxy))
    throw new Error(`no proxy of ${[...proxies.keys()].join(', ')} is meant`);
  return { cluster, databaseProxy, brokerProxy, serverProxy, serverUrl };
}

/** The server of a round, and how its workers reach it. */
function serverOf({ cluster, serverUrl }: Proxied): Parameters<typeof createProcesses>[0]['server'] & object {
  const isHeard = async (): Promise<boolean> => (await cluster.sql`SELECT FROM agent_setting`).length > 0;
  return {
    start: cluster.startServer,
    isUp: async () => {
      await cluster.answers();
      await until('the database knows that somebody listens', isHeard);
    },
    url: serverUrl,
    token: cluster.token,
  };
}

interface Failing {
  readonly faults: Faults;
  readonly dice: Dice;
  readonly load: Load;
  readonly kills: () => number;
  readonly say: (line: string) => void;
}

interface Progress {
  /** When the round began, by the clock of `performance`. */
  readonly since: number;
  readonly load: Load;
  readonly kills: () => number;
}

/** Tells whether a round has lasted long enough. */
export function whenDone(
  { seconds, executions, kills: wanted }: RoundOptions,
  { since, load, kills }: Progress,
): () => boolean {
  return () => {
    const leftMs = seconds * 1000 - (performance.now() - since);
    if (leftMs > 0) return false;
    return leftMs < -MOST_MORE_MS || (load.confirmed.length >= executions && kills() >= wanted);
  };
}

/** How often a process was killed, or killed itself. */
export function killsOf(counter: Counter, processes: Processes): number {
  return counter.of('worker killed') + counter.of('server killed') + processes.selfKills();
}

/** Fault after fault, at times that the dice choose; on a slow machine they wait for some work in between. */
export async function failUntil(isDone: () => boolean, { faults, dice, load, kills, say }: Failing): Promise<void> {
  const weights = Object.entries(faults).map(([name, { weight }]) => [name, weight] as const);
  for (let said = performance.now(); !isDone(); ) {
    const pauseMs = dice.between(50, 400);
    const wanted = load.confirmed.length + dice.between(0, MOST_BETWEEN);
    await Bun.sleep(pauseMs);
    const isTime = (): boolean => load.confirmed.length >= wanted || isDone();
    await until('some more work was requested', isTime, MOST_PAUSE_MS).catch(() => {});
    await faults[dice.weighted(weights)]?.strike();
    if (performance.now() - said > SAY_EVERY_MS) {
      say(`${load.confirmed.length} executions, ${kills()} kills`);
      said = performance.now();
    }
  }
}
