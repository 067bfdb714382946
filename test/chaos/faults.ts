import type { Cluster } from '#test/support/cluster.ts';
import type { TcpProxy } from '#test/support/tcp-proxy.ts';
import type { Dice } from './dice.ts';
import type { Processes } from './processes.ts';

/** What can be done to a round. Its weight says how often a fault comes, compared with the others. */
export type Faults = Readonly<Record<string, { readonly weight: number; strike(): Promise<void> }>>;

interface FaultsDependencies {
  readonly cluster: Cluster;
  readonly processes: Processes;
  readonly dice: Dice;
  readonly databaseProxy: TcpProxy;
  readonly brokerProxy: TcpProxy;
  readonly leaseMs: number;
}

/* How long a fault lasts is part of it: these pauses are meant, and nothing waits for their end. */
const MUTE_MS = 1000;

export function createFaults({
  cluster,
  processes,
  dice,
  databaseProxy,
  brokerProxy,
  leaseMs,
}: FaultsDependencies): Faults {
  return {
    'worker killed': { weight: 30, strike: processes.killSomeWorker },
    'worker drained': { weight: 6, strike: async () => processes.someWorker()?.signal('SIGTERM') },
    'worker stopped past its lease': {
      weight: 6,
      strike: async () => {
        const worker = processes.someWorker();
        worker?.signal('SIGSTOP');
        void Bun.sleep(leaseMs * dice.between(1, 3)).then(() => worker?.signal('SIGCONT'));
      },
    },
    'connections cut': { weight: 8, strike: async () => dice.pick([databaseProxy, brokerProxy]).cut() },
    'broker mute for a while': {
      weight: 3,
      strike: async () => {
        brokerProxy.mute();
        await Bun.sleep(MUTE_MS);
        brokerProxy.unmute();
      },
    },
    'server killed': { weight: 4, strike: processes.restartServer },
    'database restarted': { weight: 1, strike: async () => await restart(cluster.database.power) },
    'broker restarted': { weight: 0.5, strike: async () => await restart(cluster.broker.power) },
  };
}

async function restart(power: Cluster['database']['power']): Promise<void> {
  await power?.kill();
  await power?.start();
}
