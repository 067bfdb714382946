/** The processes that faults are tried on: each does work of its own, is asked for it all the time, and so for its health. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askHealth } from '#cli/wiring/health-socket.ts';
import { agentFile } from '#test/support/agent.ts';
import type { AgentProcess, Cluster } from '#test/support/cluster.ts';
import { withMounts } from '#test/support/namespace.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { isAlive, until } from '#test/support/until.ts';
import type { Sample } from './judge.ts';
import { type Probes, startProbes } from './probes.ts';

export const KINDS = ['server', 'database worker', 'HTTP worker', 'standalone'] as const;
export type Kind = (typeof KINDS)[number];

export interface Subject {
  readonly kind: Kind;
  readonly probes: Probes;
  readonly samples: readonly Sample[];
  /** Where it works: a file system of its own, and a directory there, in its own mounts. */
  readonly place: { readonly mount: string; readonly directory: string };
  /** Its supervisor, whose child is the agent itself. */
  supervisor(): number;
  agent(): number;
  start(): Promise<void>;
  /** Kills this process of it, and waits until it is gone. */
  kill(pid: number): Promise<void>;
  /** Sets its wall clock on, or back. */
  shiftClock(ms: number): void;
  /** How many of these executions are not completed. */
  countUnfinished(ids: readonly number[]): Promise<number>;
  /** The end of its log. */
  said(): string;
  stop(): void;
}

interface Running {
  readonly pid: number;
  readonly ended: Promise<unknown>;
  said(): string;
}

/** What makes a kind what it is. */
interface Way {
  start(): Promise<Running>;
  health(): Promise<Omit<Sample, 'at'>>;
  api(path: string, init?: RequestInit): Promise<Response>;
  readonly selector: Readonly<Record<string, string>>;
}

type Env = Readonly<Record<string, string>>;

interface SubjectOptions {
  readonly cluster: Cluster;
  /** The build for tests, whose clock can be shifted. */
  readonly program: string;
  /** The API as others reach it, by way of a proxy. */
  readonly serverUrl: string;
}

export const HEARTBEAT_S = 1;
const ASK_EVERY_MS = 500;
const REQUEST_MS = 5000;
const RESTART_MS = 1000;
const NO_ANSWER = { isReady: false, words: ['no answer'] };

export function createSubject(kind: Kind, options: SubjectOptions): Subject {
  const at = join(options.cluster.packs.path, kind.replaceAll(' ', '-'));
  const mount = join(at, 'mount');
  mkdirSync(mount, { recursive: true });
  const clock = join(at, 'clock');
  writeFileSync(clock, '0');
  const place = { mount, directory: join(mount, 'place') };
  const env: Env = { ATTUNE_SUPERVISE: '1', ATTUNE_FAULT_CLOCK: clock, TMPDIR: at };
  let running: Running | undefined;
  /** As an engine would: what has ended by itself is started again. */
  let isWanted = false;
  const start = async (): Promise<void> => {
    isWanted = true;
    running = undefined;
    const started = await way.start();
    running = started;
    void started.ended.then(async () => {
      await Bun.sleep(RESTART_MS);
      if (isWanted && running === started) await start().catch(() => {});
    });
  };
  const pid = (): number => running?.pid ?? 0;
  const way = ways[kind]({ ...options, at, place, env, pid });
  const samples: Sample[] = [];
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const answer = await way.health().catch(() => NO_ANSWER);
      samples.push({ at: performance.now(), ...answer });
      await Bun.sleep(ASK_EVERY_MS);
    }
  };
  void watch();
  const probes = startProbes({
    file: join(at, 'done'),
    request: async (number, file) => {
      const body = {
        action_ref: 'life.probe',
        env_vars: { DONE: file, N: String(number) },
        worker_selector: way.selector,
      };
      const signal = AbortSignal.timeout(REQUEST_MS);
      const answer = await way.api('executions', { method: 'POST', body: JSON.stringify(body), signal });
      const { id } = (await answer.json()) as { readonly id?: number };
      if (answer.status !== 201 || id === undefined) throw new Error(`HTTP ${answer.status}`);
      return id;
    },
  });
  return {
    ...{ kind, probes, samples, place, supervisor: pid },
    agent: () => Number(readFileSync(`/proc/${pid()}/task/${pid()}/children`, 'utf8').trim().split(' ')[0]),
    start,
    kill: async (one) => {
      isWanted = false;
      const killed = running;
      running = undefined;
      process.kill(one, 'SIGKILL');
      await killed?.ended;
      await until(`process ${one} is gone`, () => !isAlive(one));
    },
    shiftClock: (ms) => writeFileSync(clock, String(ms)),
    countUnfinished: async (ids) => {
      const statuses = await Promise.all(
        ids.map(async (id) => ((await (await way.api(`executions/${id}`)).json()) as { status?: string }).status),
      );
      return statuses.filter((status) => status !== 'completed').length;
    },
    said: () => running?.said().split('\n').slice(-25).join('\n') ?? '',
    stop: () => {
      isOver = true;
      isWanted = false;
      probes.stop();
    },
  };
}

interface WayOptions extends SubjectOptions {
  readonly at: string;
  readonly place: Subject['place'];
  readonly env: Env;
  pid(): number;
}

const ways: Readonly<Record<Kind, (options: WayOptions) => Way>> = {
  server: ({ cluster, program, env }) => ({
    start: async () => cluster.startServer(env, program),
    health: () => askServer(cluster.url),
    api: cluster.api,
    selector: { kind: 'helper' },
  }),
  'database worker': (options) => workerWay('database', options, {}),
  'HTTP worker': (options) =>
    workerWay('http', options, { ATTUNE_API_URL: options.serverUrl, ATTUNE_API_TOKEN: options.cluster.token }),
  standalone: (options) => standaloneWay(options),
};

function workerWay(name: string, { cluster, program, at, place, env, pid }: WayOptions, more: Env): Way {
  const unset = name === 'http' ? ['-u', 'ATTUNE__DATABASE__URL', '-u', 'ATTUNE__MESSAGE_QUEUE__URL'] : [];
  const start = (): AgentProcess =>
    cluster.startWorker(
      `faults-${name}`,
      { ...env, ...more, ATTUNE_WORK_DIR: place.directory, ATTUNE__WORKER__LABELS: `kind=${name}` },
      (args) => withMounts(mountOf(place), ['env', ...unset, program, ...args]),
    );
  return {
    start: async () => start(),
    health: async () => {
      const [report] = await askHealth({ TMPDIR: at }, `/proc/${pid()}/root${place.directory}`, `faults-${name}`);
      return report ? { isReady: report.ready, words: report.ready ? [] : wordsOf(report) } : NO_ANSWER;
    },
    api: cluster.api,
    selector: { kind: name },
  };
}

function standaloneWay({ cluster, program, at, place, env }: WayOptions): Way {
  let current: Standalone | undefined;
  const token = (): string | undefined => current?.token;
  const given = {
    ...{ ...env, ATTUNE_WORK_DIR: place.directory, ATTUNE_PACKS_DIR: cluster.packs.path },
    ...{ ATTUNE__WORKER__HEARTBEAT_INTERVAL: String(HEARTBEAT_S), ATTUNE_WORKER_RUNTIMES: 'shell' },
  };
  return {
    start: async () => {
      const wrap = (args: readonly string[]): readonly string[] => withMounts(mountOf(place), [program, ...args]);
      current = await standalone(join(at, 'data'), given, { token: token(), wrap });
      return { pid: current.child.pid, ended: current.child.exited, said: () => '' };
    },
    health: () => askServer(current?.url ?? ''),
    api: async (path, init) => {
      if (!current) throw new Error('it has not been started');
      return await current.api(path, init);
    },
    selector: {},
  };
}

function mountOf({ mount, directory }: Subject['place']): string {
  return `mount -t tmpfs -o size=8m,nr_inodes=1000 tmpfs ${mount}; mkdir ${directory}`;
}

function wordsOf({ words, phase }: { readonly words: readonly string[]; readonly phase: string }): readonly string[] {
  return words.length > 0 ? words : [phase];
}

async function askServer(url: string): Promise<Omit<Sample, 'at'>> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(REQUEST_MS) });
  const { words } = (await answer.json()) as { readonly words: readonly string[] };
  return { isReady: answer.ok, words };
}

/** A worker that nothing is done to but what is done to its servers: it does the work of the server's probes. */
export function startHelper(cluster: Cluster): AgentProcess {
  return cluster.startWorker('faults-helper', { ATTUNE__WORKER__LABELS: 'kind=helper' }, agentFile);
}
