import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessEnv, VersionProbe } from '#domain/runtime.ts';
import { childEnvironment, homelessEnvironment } from '#execution/process/child-environment.ts';
import { GRACE_MS } from '#execution/process/end-group.ts';
import { createFileMemory } from '#execution/process/file-memory.ts';
import { runCommand } from '#execution/process/run-command.ts';
import { readVersion, type ToldVersion } from '#execution/runtimes/read-version.ts';
import { isShim } from '#execution/runtimes/shims.ts';
import type { ScriptHost, ScriptRequest } from '#execution/script/open-script.ts';

type ScriptInterpreter = ScriptRequest['program']['interpreter'];

/** Each question has this long, and may print this much. */
const TIMEOUT_MS = 10_000;
const OUTPUT_BYTES = 64 * 1024;
/** Answers that are kept; the oldest make room. */
const MOST_ANSWERS = 1000;

/**
 * Tells in a sentence why the interpreter of a script is not the one that was chosen; undefined if it is, or if nothing can
 * be told.
 */
export type CheckWrapper = (request: ScriptRequest, host: ScriptHost, stop: AbortSignal) => Promise<string | undefined>;

/**
 * Makes a check of interpreters that are scripts themselves. Such a script may run another version in the directory of a
 * pack than it did when it was found: it is asked again there, as the user and within the limits of executions. Answers
 * are kept for as long as the directory and its hidden files stay as they are.
 */
export function createWrapperCheck(): CheckWrapper {
  const answers = new Map<string, string | undefined>();
  return async (request, host, stop) => {
    const { interpreter } = request.program;
    if (!('file' in request.script) || interpreter.version === undefined || !isWrapper(interpreter)) return undefined;
    const { cwd } = request.script;
    const key = `${interpreter.path}\n${stampOf(cwd)}`;
    if (answers.has(key)) return answers.get(key);
    const flaw = describe(interpreter, cwd, await askThere(request, host, { cwd, stop }));
    if (stop.aborted) return undefined;
    for (const oldest of answers.keys()) if (answers.size >= MOST_ANSWERS) answers.delete(oldest);
    answers.set(key, flaw);
    return flaw;
  };
}

function describe(
  { path, version, implementation }: ScriptInterpreter,
  cwd: string,
  told: ToldVersion | undefined,
): string | undefined {
  if (told === undefined || (told.version === version && told.implementation === implementation)) return undefined;
  const [here, there] = [nameOf(told), nameOf({ version: version ?? '', implementation })];
  return `${path} is a script that runs ${here} in ${cwd}, and ${there} elsewhere: put the programs that it chooses from on PATH, under names of their own, so that the version is chosen among them`;
}

function nameOf({ version, implementation }: ToldVersion): string {
  return implementation === undefined ? version : `${version} (${implementation})`;
}

/** True for a script with a first line, and for a shim that no program was found for. */
function isWrapper(interpreter: ScriptInterpreter): boolean {
  const { path } = interpreter;
  return isShim(interpreter) || shebangMemory.recall(path, [path], () => beginsWithShebang(path));
}

const shebangMemory = createFileMemory<boolean>();

function beginsWithShebang(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const start = Buffer.alloc(2);
    readSync(file, start);
    return start.toString('latin1') === '#!';
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What of a directory can change what a wrapper does there, as it is now. */
function stampOf(directory: string): string {
  const hidden = readdirSync(directory).filter((name) => name.startsWith('.'));
  const changed = ['', ...hidden].map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.ctimeMs);
  return `${directory}\n${changed.join()}`;
}

interface There {
  readonly cwd: string;
  readonly stop: AbortSignal;
}

/** What an interpreter says of its version in a directory, to the first question that it answers. */
async function askThere(request: ScriptRequest, host: ScriptHost, there: There): Promise<ToldVersion | undefined> {
  for (const question of request.program.family.probes) {
    const told = question.isVersionless ? undefined : await ask(question, { request, host, there });
    if (told !== undefined) return told;
  }
  return undefined;
}

interface Asking {
  readonly request: ScriptRequest;
  readonly host: ScriptHost;
  readonly there: There;
}

async function ask(question: VersionProbe, { request, host, there }: Asking): Promise<ToldVersion | undefined> {
  await using run = await host.sandbox?.open({ isInstaller: false });
  const report = await runCommand(
    {
      command: [request.program.interpreter.path, ...question.args],
      restrictions: run?.restrictions([]),
      cwd: there.cwd,
      env: environmentOf(request, host),
      input: Buffer.from(question.stdin ?? ''),
      timeoutMs: TIMEOUT_MS,
      graceMs: GRACE_MS,
      logLimitBytes: { stdout: OUTPUT_BYTES, stderr: OUTPUT_BYTES },
    },
    { write: async () => {} },
    { cancel: there.stop },
  );
  if (report.outcome.kind !== 'completed') return undefined;
  return readVersion(Buffer.concat([report.stdout.bytes, report.stderr.bytes]).toString('utf8'), question.version);
}

function environmentOf({ program }: ScriptRequest, { env, workPlace, sandbox }: ScriptHost): ProcessEnv {
  const isHomeless = (sandbox?.hasOwnHome ?? false) || !workPlace.hasHome;
  return {
    ...(isHomeless ? homelessEnvironment(program.family, '/nonexistent') : {}),
    ...childEnvironment(env, program.family, program.interpreter.path),
  };
}
