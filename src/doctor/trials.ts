/** What is tried rather than read: writing, running, listening, leaving an orphan. */
import { randomUUID } from 'node:crypto';
import { chmodSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { Result } from '#domain/result.ts';
import { openNative } from '#execution/native/native.ts';
import { textOf } from '#execution/runtimes/host.ts';
import { describeBytes, MIB } from './bytes.ts';
import { type Answer, broken, type Check, ok, skipped, warning } from './finding.ts';

const LEAST_DISK = 100 * MIB;
const REAP_MS = 2000;

export interface Place {
  /** The directory in which executions may write, or why there is none. */
  readonly workDirectory: Result<string, string>;
  /** This program; undefined when it is not the static file. */
  readonly self: string | undefined;
}

export function trials(place: Place): readonly Check[] {
  return [
    { name: 'work directory', examine: async () => workDirectory(place) },
    { name: 'execution', examine: async () => execution(place) },
    { name: 'native functions', examine: async () => nativeFunctions(place) },
    { name: 'sockets', examine: async () => await sockets(place) },
    { name: 'zombies', examine: async () => await zombies(place) },
  ];
}

function workDirectory({ workDirectory: place }: Place): Answer {
  if (!place.ok)
    return broken(
      place.error,
      'mount a tmpfs or an emptyDir at /tmp, or set ATTUNE_WORK_DIR to a directory that this user can write to',
    );
  const { bavail, bsize } = statfsSync(place.value);
  const free = bavail * bsize;
  if (free < LEAST_DISK)
    return warning(
      `${place.value}: ${describeBytes(free)} free`,
      'executions and the dependencies of packs write there: give it more room',
    );
  return ok(`${place.value}, ${describeBytes(free)} free`);
}

/** Compilers run what they write: a script whose interpreter is this program shows whether that is allowed. */
function execution({ workDirectory: place, self }: Place): Answer {
  if (!place.ok) return skipped('no directory to try it in');
  if (self === undefined) return skipped('this is not the static file');
  const path = join(place.value, `attune-doctor-${randomUUID()}`);
  try {
    writeFileSync(path, `#!${self} --version\n`);
    chmodSync(path, 0o755);
    const { exitCode } = Bun.spawnSync([path], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', env: {} });
    return exitCode === 126 ? noexec(place.value) : ok(`programs in ${place.value} can be run`);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EACCES' || code === 'EPERM') return noexec(place.value);
    return broken(
      `no program can be started: ${messageOf(error)}`,
      'look for a limit on processes, or a seccomp profile that forbids clone or execve',
    );
  } finally {
    rmSync(path, { force: true });
  }
}

function noexec(place: string): Answer {
  return warning(
    `programs in ${place} cannot be run: it is mounted noexec`,
    'compiled languages (go, java environments, rust) need a place that allows it: mount it with exec, or set ATTUNE_WORK_DIR',
  );
}

/** Tries the native functions. Without them actions run all the same, and it takes longer to begin with them. */
function nativeFunctions({ self }: Place): Answer {
  if (self === undefined) return skipped('this is not the static file');
  const native = openNative();
  if (native.ok) return ok('keepers of actions are made by fork');
  return warning(
    `keepers of actions are made without a fork server, which takes longer, and nobody ends what one leaves that an action has killed: ${native.error}`,
    'allow this program to map executable memory (SELinux: execmem; systemd: MemoryDenyWriteExecute=no)',
  );
}

/** The agent answers health probes on a unix socket, and speaks to servers by TCP: a seccomp profile may forbid either. */
async function sockets({ workDirectory: place }: Place): Promise<Answer> {
  const mode = /^Seccomp:\s*(\d)/m.exec(textOf('/proc/self/status') ?? '')?.[1];
  const filter = mode === '2' ? 'a seccomp filter is on' : 'no seccomp filter';
  const problems: string[] = [];
  if (place.ok) problems.push(...(await listen(join(place.value, `attune-${randomUUID().slice(0, 8)}.sock`), 'unix')));
  problems.push(...(await listen({ host: '127.0.0.1', port: 0 }, 'TCP')));
  if (problems.length === 0) return ok(`unix and TCP sockets work; ${filter}`);
  return broken(
    `${problems.join('; ')} (${filter})`,
    "use the engine's default seccomp profile, or allow socket, bind, listen and accept4",
  );
}

async function listen(
  where: string | { readonly host: string; readonly port: number },
  kind: string,
): Promise<readonly string[]> {
  const server = createServer();
  const failed = Promise.withResolvers<readonly string[]>();
  server.on('error', (error) => failed.resolve([`${kind} sockets: ${messageOf(error)}`]));
  try {
    server.listen(where, () => failed.resolve([]));
    return await failed.promise;
  } catch (error) {
    return [`${kind} sockets: ${messageOf(error)}`];
  } finally {
    server.close();
  }
}

/** Leaves an orphan and looks whether somebody buries it. */
async function zombies({ self }: Place): Promise<Answer> {
  if (self === undefined) return skipped('this is not the static file');
  if (textOf('/proc/self/stat') === undefined) return skipped('/proc is not mounted');
  const child = Bun.spawnSync([self, '_orphan'], { stdin: 'ignore', env: {} });
  const pid = Number(child.stdout.toString());
  if (!(pid > 0))
    return broken(`no program can be started: ${child.stderr.toString().trim()}`, 'look for a limit on processes');
  const end = performance.now() + REAP_MS;
  while (performance.now() < end) {
    const stat = textOf(`/proc/${pid}/stat`);
    if (stat === undefined) return ok('orphans are reaped');
    await Bun.sleep(10);
  }
  return warning(
    'orphans stay as zombies where no execution reaps them, e.g. after an agent was killed: PID 1 of this container reaps nobody',
    'make the agent PID 1, set ATTUNE_SUPERVISE=1 for it, or use an init (docker run --init, shareProcessNamespace)',
  );
}
