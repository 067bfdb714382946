import { join } from 'node:path';
import type { AgentProcess, Cluster } from '#test/support/cluster.ts';
import type { Counter } from './counter.ts';
import type { Dice } from './dice.ts';

/** The workers and the server of a round. A worker that has ended, however that came about, is started again. */
export interface Processes {
  start(): Promise<void>;
  someWorker(): AgentProcess | undefined;
  killSomeWorker(): Promise<void>;
  /** False: it is still starting, and was left alone. */
  restartServer(): Promise<boolean>;
  /** Starts all workers anew; from now on no worker kills itself. */
  calm(): Promise<void>;
  /** Drains all workers, and waits for their ends. */
  drain(): Promise<void>;
  /** How often a worker has killed itself where it was told to. */
  selfKills(): number;
  all(): readonly (AgentProcess & { readonly name: string })[];
}

interface ProcessesDependencies {
  readonly startWorker: Cluster['startWorker'];
  /** Undefined: the scheduler is none of ours. */
  readonly server?: ServerOfRound;
  /** The names of the workers. */
  readonly names: readonly string[];
  readonly places: Places;
  readonly dice: Dice;
  readonly faults: Counter;
  /** The build for tests, which can kill itself. */
  readonly agent: string;
  readonly say: (line: string) => void;
}

interface ServerOfRound {
  start: Cluster['startServer'];
  /** Resolves when workers may come. */
  isUp(): Promise<void>;
  /** The API, as workers without a database reach it. */
  readonly url: string;
  readonly token: string;
}

/** Where the processes of a round keep their files. */
interface Places {
  readonly artifacts: string;
  readonly environments: string;
  readonly health: string;
}

/** Works over the API alone. */
const BY_API = 'c-http';
export const WORKERS = ['c-one', 'c-two', 'c-three', BY_API];
/** Where a worker can be told to kill itself. */
const POINTS = ['delivered', 'claimed', 'acknowledged', 'started', 'ended', 'settled'];
/** Exit codes of a process that was killed, and of one that was told to end before it could listen. */
const KILLED = 137;
const ENDED_EARLY = 143;
/** Otherwise workers that are still starting are left alone: on a slow machine none would ever work. */
const STRIKES_ANY = 0.1;

export function directoriesOf({ packs }: Cluster): Places {
  const below = (name: string): string => join(packs.path, `.${name}`);
  return { artifacts: below('artifacts'), environments: below('environments'), health: packs.path };
}

export function createProcesses(deps: ProcessesDependencies): Processes {
  const { names, dice, faults, agent, say } = deps;
  const { artifacts, environments, health } = deps.places;
  const shared = {
    ...{ ATTUNE__ARTIFACTS__DIRECTORY: artifacts, ATTUNE_RUNTIME_ENVS_DIR: environments },
    TMPDIR: health,
    /* The messages about each end are counted. */
    ATTUNE__MESSAGE_QUEUE__EVENTS: 'true',
  };
  const workers = new Map<string, AgentProcess>();
  let server: AgentProcess | undefined;
  let selfKills = 0;
  let isCalm = false;
  const startWorker = (name: string): void => {
    const point = dice.pick(POINTS);
    const fault = !isCalm && dice.chance(0.7) ? { ATTUNE_FAULT: `${point}:${dice.between(1, 12)}` } : undefined;
    const byApi =
      name === BY_API && deps.server ? { ATTUNE_API_URL: deps.server.url, ATTUNE_API_TOKEN: deps.server.token } : {};
    const env = { ...shared, ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '4', ...fault, ...byApi };
    const unset = name === BY_API ? ['-u', 'ATTUNE__DATABASE__URL', '-u', 'ATTUNE__MESSAGE_QUEUE__URL'] : [];
    const worker = deps.startWorker(name, env, (args) => ['env', ...unset, agent, ...args]);
    workers.set(name, worker);
    void worker.ended.then((code) => {
      if (workers.get(name) !== worker) return;
      if (code === KILLED) {
        selfKills++;
        faults.count(`killed itself when ${point}`);
      } else if (code !== 0 && code !== ENDED_EARLY)
        say(`${name} ended with ${code}: ${worker.said().split('\n').slice(-4).join(' | ')}`);
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
  /** One that works, and leaves another one that does; now and then any. */
  const someName = (): string | undefined => {
    if (dice.chance(STRIKES_ANY)) return dice.pick(names);
    const working = names.filter((name) => workers.get(name)?.said().includes('registered'));
    return working.length > 1 ? dice.pick(working) : undefined;
  };
  return {
    start: async () => {
      server = deps.server?.start(shared);
      await deps.server?.isUp();
      for (const name of names) startWorker(name);
    },
    someWorker: () => workers.get(someName() ?? ''),
    killSomeWorker: async () => {
      const name = someName();
      if (name === undefined) return;
      faults.count('worker killed');
      await killAndStart(name);
    },
    restartServer: async () => {
      if (!server?.said().includes('serving')) return false;
      server.signal('SIGKILL');
      await server.ended;
      server = deps.server?.start(shared);
      return true;
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
    all: () => [
      ...(server ? [{ name: 'server', ...server }] : []),
      ...[...workers].map(([name, one]) => ({ name, ...one })),
    ],
  };
}
