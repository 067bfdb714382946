import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '#crypto/sha256.ts';
import type { ProcessEnv } from '#domain/runtime.ts';

/** The answer of an agent to `attune-agent health`. A server has 0 slots. */
export interface HealthReport {
  readonly name: string;
  readonly ready: boolean;
  readonly phase: string;
  /** Reasons why the agent is not ready, one sentence each. */
  readonly problems: readonly string[];
  /** The problems as one word each. */
  readonly words: readonly string[];
  readonly worker: string | undefined;
  readonly running: number;
  readonly slots: number;
  readonly cordoned: boolean;
}

/**
 * The directories in which agent and probe look for the socket without being told; the agent uses the first writable
 * one.
 */
function places(env: ProcessEnv, workDir: string | undefined): readonly string[] {
  const uid = process.getuid?.() ?? 0;
  const bases = [workDir, env['TMPDIR'], '/tmp', '/var/tmp', '/dev/shm', '/run'];
  return [...new Set(bases.flatMap((base) => (base?.startsWith('/') ? [join(base, `attune-health-${uid}`)] : [])))];
}

/** The path of an agent's socket. It holds a hash of the name: names may be long, and paths of sockets may not. */
function socketOf(place: string, name: string): string {
  return join(place, `${sha256Of(name).slice(0, 16)}.sock`);
}

/**
 * The milliseconds between two looks whether the socket is still there: programs that tidy directories of temporary
 * files remove it.
 */
const CHECK_MS = 1000;

interface HealthSocket extends Disposable {
  /**
   * Tells whether probes can reach the agent; false if no directory for the socket is writable. The agent tries again
   * and again.
   */
  isServed(): boolean;
}

/** Answers health probes on a Unix socket until disposed. A socket that is removed meanwhile is made again. */
export function serveHealth(
  { env, workDir, name }: { readonly env: ProcessEnv; readonly workDir: string | undefined; readonly name: string },
  describe: () => HealthReport | Promise<HealthReport>,
): HealthSocket {
  const serve = (): Served | undefined => {
    for (const place of places(env, workDir)) {
      const served = serveAt(place, socketOf(place, name), describe);
      if (served) return served;
    }
    return undefined;
  };
  let current = serve();
  const checking = setInterval(() => {
    if (current && existsSync(current.path)) return;
    current?.[Symbol.dispose]();
    current = serve();
  }, CHECK_MS).unref();
  return {
    isServed: () => current !== undefined,
    [Symbol.dispose]: () => {
      clearInterval(checking);
      current?.[Symbol.dispose]();
    },
  };
}

interface Served extends Disposable {
  readonly path: string;
}

/** Serves a socket in a directory; undefined if the directory is read-only, full, or somebody else's. */
function serveAt(
  place: string,
  path: string,
  describe: () => HealthReport | Promise<HealthReport>,
): Served | undefined {
  try {
    /* Not its parents: a work directory that is gone must not come back by the way. */
    if (!existsSync(place)) mkdirSync(place, { mode: 0o700 });
    if (!isOwn(place)) return undefined;
    rmSync(path, { force: true }); /* of a process that was killed */
    const server = Bun.serve({ unix: path, fetch: async () => Response.json(await describe()) });
    return {
      path,
      [Symbol.dispose]: () => {
        void server.stop(true);
        rmSync(path, { force: true });
      },
    };
  } catch {
    return undefined;
  }
}

/** Tells whether a directory is this user's, and nobody else may write to it: others could answer in the agent's place. */
function isOwn(place: string): boolean {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === (process.getuid?.() ?? 0) && (stat.mode & 0o022) === 0;
}

/** An agent makes a socket that was removed again in less. */
const MISSING_MS = 2 * CHECK_MS;
const LOOK_AGAIN_MS = 50;

/**
 * Asks every running agent of this user, or only the one called `name`. Agents that do not answer are left out; where none
 * answers it looks again for a while.
 */
export async function askHealth(
  env: ProcessEnv,
  workDir: string | undefined,
  name: string | undefined,
): Promise<readonly HealthReport[]> {
  const end = performance.now() + MISSING_MS;
  for (;;) {
    const answers = await askOnce(env, workDir, name);
    if (answers.length > 0 || performance.now() > end) return answers;
    await Bun.sleep(LOOK_AGAIN_MS);
  }
}

async function askOnce(
  env: ProcessEnv,
  workDir: string | undefined,
  name: string | undefined,
): Promise<readonly HealthReport[]> {
  const own = places(env, workDir).filter(isOwn);
  const sockets = own.flatMap((place) => (name === undefined ? socketsIn(place) : [socketOf(place, name)]));
  const answers = await Promise.all(sockets.filter((path) => existsSync(path)).map(ask));
  return answers.flatMap((one) => one ?? []);
}

function socketsIn(place: string): readonly string[] {
  try {
    return readdirSync(place).flatMap((file) => (file.endsWith('.sock') ? [join(place, file)] : []));
  } catch {
    return [];
  }
}

const ANSWER_TIMEOUT_MS = 3000;

async function ask(path: string): Promise<HealthReport | undefined> {
  try {
    const response = await fetch('http://agent/', { unix: path, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return (await response.json()) as HealthReport; /* our own program at the other end, of this user */
  } catch {
    return undefined;
  }
}
