/** One round: executions are requested while everything fails in turn; then the history is checked. */
import { join } from 'node:path';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { until } from '#test/support/until.ts';
import { type Counter, createCounter } from './counter.ts';
import { createDice, type Dice } from './dice.ts';
import { createFaults, type Faults } from './faults.ts';
import { type Tally, tally, violations } from './history.ts';
import { actions, createLoad, type Load } from './load.ts';
import { countUnfinished, describeStuck, observe, prepareObservation } from './observation.ts';
import { createProcesses, type Processes } from './processes.ts';

export interface RoundOptions {
  /** The build for tests, which can kill itself. */
  readonly agent: string;
  readonly seed: number;
  /** The round lasts at least so long. */
  readonly seconds: number;
  /** The round also lasts until there were so many of each. */
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
  readonly tally: Tally;
  readonly violations: readonly string[];
}

const HEARTBEAT_S = 0.3;
const LEASE_MS = HEARTBEAT_S * 3000;
const SAY_EVERY_MS = 10_000;
const CALM_MS = 60_000;

export async function runRound(options: RoundOptions): Promise<RoundReport> {
  const { agent, seed, say, isBrokerAway = false } = options;
  const dice = createDice(seed);
  const counter = createCounter();
  const started = performance.now();
  await using resources = new AsyncDisposableStack();
  const { cluster, databaseProxy, brokerProxy } = await startBehindProxies(resources);
  const history = join(cluster.packs.path, 'history');
  await prepareObservation(cluster);
  if (isBrokerAway) brokerProxy.refuse();
  const processes = createProcesses({ cluster, dice, faults: counter, agent, say });
  const load = createLoad({ cluster, dice, history });
  const faults = createFaults({ cluster, processes, dice, databaseProxy, brokerProxy, leaseMs: LEASE_MS });
  const kills = (): number => counter.of('worker killed') + counter.of('server killed') + processes.selfKills();
  const isDone = (): boolean =>
    performance.now() - started > options.seconds * 1000 &&
    load.confirmed.length >= options.executions &&
    kills() >= options.kills;
  await processes.start();
  await Promise.all([load.requestUntil(isDone), failUntil(isDone, { faults, dice, counter, load, kills, say })]);
  say('quiet: everything may end now');
  brokerProxy.unmute();
  await processes.calm();
  await everythingEnds(cluster, processes);
  brokerProxy.accept();
  await everyMessageIsOut(cluster);
  await processes.drain();
  const observed = await observe(cluster, { history, confirmed: load.confirmed });
  return {
    seed,
    seconds: Math.round((performance.now() - started) / 1000),
    faults: counter.all(),
    kills: kills(),
    tally: tally(observed),
    violations: violations(observed),
  };
}

interface Proxied {
  readonly cluster: Cluster;
  readonly databaseProxy: TcpProxy;
  readonly brokerProxy: TcpProxy;
}

/** Starts a cluster whose processes reach the database and the broker through proxies of the round. */
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
  const [databaseProxy, brokerProxy] = [proxies.get('postgres:'), proxies.get('amqp:')];
  if (!(databaseProxy && brokerProxy)) throw new Error(`no proxy of ${[...proxies.keys()].join(', ')} is meant`);
  return { cluster, databaseProxy, brokerProxy };
}

interface Failing {
  readonly faults: Faults;
  readonly dice: Dice;
  readonly counter: Counter;
  readonly load: Load;
  readonly kills: () => number;
  readonly say: (line: string) => void;
}

/** Fault after fault, at times that the dice choose. */
async function failUntil(isDone: () => boolean, { faults, dice, counter, load, kills, say }: Failing): Promise<void> {
  const weights = Object.entries(faults).map(([name, { weight }]) => [name, weight] as const);
  for (let said = performance.now(); !isDone(); ) {
    await Bun.sleep(dice.between(50, 400));
    const what = dice.weighted(weights);
    counter.count(what);
    await faults[what]?.strike();
    if (performance.now() - said > SAY_EVERY_MS) {
      say(`${load.confirmed.length} executions, ${kills()} kills`);
      said = performance.now();
    }
  }
}

async function everythingEnds(cluster: Cluster, processes: Processes): Promise<void> {
  const haveEnded = async (): Promise<boolean> => (await countUnfinished(cluster).catch(() => 1)) === 0;
  await until('every execution has ended', haveEnded, CALM_MS).catch(async (error: unknown) => {
    throw new Error(`${error}\n${await describeStuck(cluster, processes.all())}`, { cause: error });
  });
}

async function everyMessageIsOut(cluster: Cluster): Promise<void> {
  const areOut = async (): Promise<boolean> => (await cluster.sql`SELECT 1 FROM outbox LIMIT 1`).length === 0;
  await until('every message is out', areOut, CALM_MS);
}
