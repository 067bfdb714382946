import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '#crypto/sha256.ts';
import type { ProcessEnv } from '#domain/runtime.ts';

/** What an agent answers to `attune-agent health`. A server has 0 slots. */
export interface HealthReport {
  readonly name: string;
  readonly ready: boolean;
  readonly phase: string;
  /** Reasons why the agent is not ready, one sentence each. */
  readonly problems: readonly string[];
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

/** Answers health probes on a Unix socket until disposed. Undefined: no directory for the socket is writable. */
export function serveHealth(
  { env, workDir, name }: { readonly env: ProcessEnv; readonly workDir: string | undefined; readonly name: string },
  describe: () => HealthReport | Promise<HealthReport>,
): Disposable | undefined {
  for (const place of places(env, workDir)) {
    const path = socketOf(place, name);
    try {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      rmSync(path, { force: true }); /* of a process that was killed */
      const server = Bun.serve({ unix: path, fetch: async () => Response.json(await describe()) });
      return {
        [Symbol.dispose]: () => {
          void server.stop(true);
          rmSync(path, { force: true });
        },
      };
    } catch {
      /* read-only or somebody else's: the next one */
    }
  }
  return undefined;
}

/** Asks every running agent of this user, or only the one called `name`. Agents that do not answer are left out. */
export async function askHealth(
  env: ProcessEnv,
  workDir: string | undefined,
  name: string | undefined,
): Promise<readonly HealthReport[]> {
  const sockets = places(env, workDir).flatMap((place) =>
    name === undefined ? socketsIn(place) : [socketOf(place, name)],
  );
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
