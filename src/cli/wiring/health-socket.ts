import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';

/** What `attune-agent health` reads. A control plane has no slots. */
export interface HealthReport {
  readonly name: string;
  readonly ready: boolean;
  readonly phase: string;
  /** Why it is not ready, one sentence each. */
  readonly problems: readonly string[];
  readonly worker: string | undefined;
  readonly running: number;
  readonly slots: number;
  readonly cordoned: boolean;
}

/** Directories that agent and probe both come to by themselves; the first that is writable is the agent's. */
function places(env: ProcessEnv, workDir: string | undefined): readonly string[] {
  const uid = process.getuid?.() ?? 0;
  const bases = [workDir, env['TMPDIR'], '/tmp', '/var/tmp', '/dev/shm', '/run'];
  return [...new Set(bases.flatMap((base) => (base?.startsWith('/') ? [join(base, `attune-health-${uid}`)] : [])))];
}

/** Names may be long, paths of sockets may not. */
function socketOf(place: string, name: string): string {
  return join(place, `${createHash('sha256').update(name).digest('hex').slice(0, 16)}.sock`);
}

/** Answers on a unix socket until disposed. Undefined: no directory for it is writable. */
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

/** Every agent of this user that answers; with `name` only that one. */
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
