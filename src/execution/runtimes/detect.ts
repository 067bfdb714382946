import { availableParallelism } from 'node:os';
import { families as allFamilies } from '#domain/families.ts';
import type { Interpreter, ProcessEnv, RuntimeFamily } from '#domain/runtime.ts';
import { childEnvironment, homelessEnvironment } from '#execution/process/child-environment.ts';
import { writableHome } from '#execution/process/writable-home.ts';
import { type Candidate, findCandidates } from './find-candidates.ts';
import { searchDirectories } from './places.ts';
import { type ProbeAnswer, probe } from './probe.ts';
import { withoutShims } from './shims.ts';

/** Interpreters start slowly and wait much: a few per processor, within bounds. */
const PROBES_AT_ONCE = Math.min(16, Math.max(4, availableParallelism() * 2));
/** How long a question may take at first, and where it took longer, once more, in milliseconds. */
const TIMEOUT_MS = 2000;
const SECOND_TIMEOUT_MS = 10_000;

export interface Detection {
  /** The interpreters in the order of the families, and within one the default first. */
  readonly interpreters: readonly Interpreter[];
  /** Wall time of everything. */
  readonly totalMs: number;
}

export interface DetectOptions {
  /** Default: every family. */
  readonly families?: readonly RuntimeFamily[];
  /** Ends all probes at once; what they asked is then reported as interrupted. */
  readonly stop?: AbortSignal;
}

/** Searches this machine for interpreters and asks each for its version. Never rejects: what fails is reported. */
export async function detect(
  env: ProcessEnv,
  { families = allFamilies, stop = new AbortController().signal }: DetectOptions = {},
): Promise<Detection> {
  const start = performance.now();
  const candidates = findCandidates(families, searchDirectories(env, families));
  const ask = { env, hasHome: writableHome(env) !== undefined, timeoutMs: TIMEOUT_MS, stop };
  const slowFirst = candidates.toSorted((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  const first = await mapBounded(slowFirst, PROBES_AT_ONCE, (candidate) => examine(candidate, ask));
  /* A cold disk or a machine that is busy makes slow starters late, and a worker keeps what is found here until it ends. */
  const second = await mapBounded(first, PROBES_AT_ONCE, (examined) =>
    examined.answer.kind === 'late'
      ? examine(examined.candidate, { ...ask, timeoutMs: SECOND_TIMEOUT_MS })
      : Promise.resolve(examined),
  );
  const inOrder = second.toSorted((a, b) => candidates.indexOf(a.candidate) - candidates.indexOf(b.candidate));
  return { interpreters: usableFirst(withoutShims(inOrder.map(describe))), totalMs: performance.now() - start };
}

function isSlow({ family }: Candidate): boolean {
  return family.isSlowToStart ?? false;
}

/** The names of the families that work here, in order. */
export function advertisedRuntimes(interpreters: readonly Interpreter[]): readonly string[] {
  return [...new Set(interpreters.filter((one) => one.problem === undefined).map((one) => one.family))];
}

interface Examined {
  readonly candidate: Candidate;
  readonly answer: ProbeAnswer;
  readonly probeMs: number;
}

interface Circumstances {
  readonly env: ProcessEnv;
  readonly hasHome: boolean;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}

async function examine(candidate: Candidate, { env, hasHome, timeoutMs, stop }: Circumstances): Promise<Examined> {
  const start = performance.now();
  /* A question about the version writes nothing, but some will not even answer without a place to. */
  const homeless = hasHome ? {} : homelessEnvironment(candidate.family, '/nonexistent');
  const inherited = childEnvironment(env, candidate.family, candidate.path);
  /* Shims find their manager's settings there. */
  const { XDG_DATA_HOME, XDG_CONFIG_HOME } = env;
  const asked = { ...homeless, ...inherited, XDG_DATA_HOME, XDG_CONFIG_HOME };
  const answer = await probe(candidate, { env: asked, timeoutMs, stop });
  return { candidate, answer, probeMs: performance.now() - start };
}

function describe({ candidate, answer, probeMs }: Examined): Interpreter {
  return {
    family: candidate.family.name,
    path: candidate.path,
    realPath: candidate.realPath,
    version: answer.kind === 'works' ? answer.version : undefined,
    implementation: answer.kind === 'works' ? answer.implementation : undefined,
    problem: answer.kind === 'works' ? undefined : answer.reason,
    probeMs,
  };
}

/** A broken first choice must not be the default while a working one is there. Families keep their order. */
function usableFirst(interpreters: readonly Interpreter[]): readonly Interpreter[] {
  const names = [...new Set(interpreters.map((one) => one.family))];
  return names.flatMap((name) =>
    interpreters
      .filter((one) => one.family === name)
      .toSorted((a, b) => Number(a.problem !== undefined) - Number(b.problem !== undefined)),
  );
}

async function mapBounded<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return results;
}
