import type { AgentProcess, Cluster } from '#test/support/cluster.ts';
import type { Counter } from './counter.ts';
import type { Dice } from './dice.ts';

/** The workers and the server of a round. A worker that has ended, however that came about, is started again. */
export interface Processes {
  start(): Promise<void>;
  someWorker(): AgentProcess | undefined;
  killSomeWorker(): Promise<void>;
  restartServer(): Promise<void>;
  /** Starts all workers anew; from now on no worker kills itself. */
  calm(): Promise<void>;
  /** Drains all workers, and waits for their ends. */
  drain(): Promise<void>;
  /** How often a worker has killed itself where it was told to. */
  selfKills(): number;
  all(): readonly (AgentProcess | undefined)[];
}

interface ProcessesDependencies {
  readonly cluster: Cluster;
  readonly dice: Dice;
  readonly faults: Counter;
  /** The build for tests, which can kill itself. */
  readonly agent: string;
  readonly say: (line: string) => void;
}

const WORKERS = ['c-one', 'c-two', 'c-three'];
/** Where a worker can be told to kill itself. */
const POINTS = ['delivered', 'claimed', 'acknowledged', 'started', 'ended', 'settled'];
/** Exit code of a process that was killed. */
const KILLED = 137;

export function createProcesses({ cluster, dice, faults, agent, say }: ProcessesDependencies): Processes {
  const workers = new Map<string, AgentProcess>();
  let server: AgentProcess | undefined;
  let selfKills = 0;
  let isCalm = false;
  const startWorker = (name: string): void => {
    const point = dice.pick(POINTS);
    const fault = !isCalm && dice.chance(0.7) ? { ATTUNE_FAULT: `${point}:${dice.between(1, 12)}` } : undefined;
    const worker = cluster.startWorker(name, { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '4', ...fault }, agent);
    workers.set(name, worker);
    void worker.ended.then((code) => {
      if (workers.get(name) !== worker) return;
      if (code === KILLED) {
        selfKills++;
        faults.count(`killed itself when ${point}`);
      } else if (code !== 0) say(`${name} ended with ${code}: ${worker.said().split('\n').slice(-4).join(' | ')}`);
      startWorker(name);
    });
  };
  const killAndStart = async (name: string): Promise<void> => {
    const worker = workers.get(name);
    workers.delete(name);
    for (const signal of ['SIGCONT', 'SIGKILL'] as const) worker?.signal(signal);
    await worker?.ended;
    startWorker(name);
  };
  return {
    start: async () => {
      server = cluster.startServer();
      for (const name of WORKERS) startWorker(name);
      await cluster.answers();
    },
    someWorker: () => workers.get(dice.pick(WORKERS)),
    killSomeWorker: () => killAndStart(dice.pick(WORKERS)),
    restartServer: async () => {
      server?.signal('SIGKILL');
      await server?.ended;
      server = cluster.startServer();
    },
    calm: async () => {
      isCalm = true;
      for (const name of [...workers.keys()]) await killAndStart(name);
    },
    drain: async () => {
      const last = [...workers.values()];
      workers.clear();
      for (const worker of last) worker.signal('SIGTERM');
      await Promise.all(last.map((worker) => worker.ended));
    },
    selfKills: () => selfKills,
    all: () => [server, ...workers.values()],
  };
}
