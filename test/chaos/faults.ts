import type { Cluster } from '#test/support/cluster.ts';
import type { TcpProxy } from '#test/support/tcp-proxy.ts';
import type { Counter } from './counter.ts';
import type { Dice } from './dice.ts';
import type { Processes } from './processes.ts';

/** What can be done to a round. Its weight says how often a fault comes, compared with the others. */
export type Faults = Readonly<Record<string, { readonly weight: number; strike(): Promise<void> }>>;

interface FaultsDependencies {
  readonly cluster: Pick<Cluster, 'database' | 'broker'>;
  readonly processes: Processes;
  readonly dice: Dice;
  readonly counter: Counter;
  readonly databaseProxy: TcpProxy;
  readonly brokerProxy: TcpProxy;
  /** Undefined: the scheduler is none of ours. */
  readonly serverProxy?: TcpProxy;
  readonly leaseMs: number;
}

/* How long a fault lasts is part of it: these pauses are meant, and nothing waits for their end. */
const MUTE_MS = 1000;

export function createFaults(deps: FaultsDependencies): Faults {
  const { cluster, processes, dice, counter, databaseProxy, brokerProxy, serverProxy, leaseMs } = deps;
  const counted =
    (what: string, strike: () => Promise<void> | void): (() => Promise<void>) =>
    async () => {
      counter.count(what);
      await strike();
    };
  const mute = async (proxy: TcpProxy): Promise<void> => {
    proxy.mute();
    await Bun.sleep(MUTE_MS);
    proxy.unmute();
  };
  const restart = async ({ power }: Pick<Cluster['database'], 'power'>): Promise<void> => {
    await power?.kill();
    await power?.start();
  };
  const drain = (): void => {
    const worker = processes.someWorker();
    if (!worker) return;
    counter.count('worker drained');
    worker.signal('SIGTERM');
  };
  const stopForAWhile = (): void => {
    const worker = processes.someWorker();
    if (!worker) return;
    counter.count('worker stopped past its lease');
    worker.signal('SIGSTOP');
    void Bun.sleep(leaseMs * dice.between(1, 3)).then(() => worker.signal('SIGCONT'));
  };
  const proxies = [databaseProxy, brokerProxy, ...(serverProxy ? [serverProxy] : [])];
  const cut = (): void => dice.pick(proxies).cut();
  const killServer = async (): Promise<void> => {
    if (await processes.restartServer()) counter.count('server killed');
  };
  return {
    'worker killed': { weight: 30, strike: processes.killSomeWorker },
    'worker drained': { weight: 6, strike: async () => drain() },
    'worker stopped past its lease': { weight: 6, strike: async () => stopForAWhile() },
    'connections cut': { weight: 8, strike: counted('connections cut', cut) },
    'broker mute for a while': { weight: 3, strike: counted('broker mute for a while', () => mute(brokerProxy)) },
    'database mute for a while': { weight: 1, strike: counted('database mute for a while', () => mute(databaseProxy)) },
    'database restarted': { weight: 1, strike: counted('database restarted', () => restart(cluster.database)) },
    'broker restarted': { weight: 0.5, strike: counted('broker restarted', () => restart(cluster.broker)) },
    ...(serverProxy && {
      'server mute for a while': { weight: 1, strike: counted('server mute for a while', () => mute(serverProxy)) },
      'server killed': { weight: 4, strike: killServer },
    }),
  };
}
