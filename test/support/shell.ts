import type { LogSink } from '#domain/execution.ts';
import { findFamily } from '#domain/families.ts';
import type { RuntimeFamily } from '#domain/runtime.ts';
import {
  type CommandReport,
  type CommandRequest,
  runCommand,
  type StopSignals,
} from '#execution/process/run-command.ts';
import { executeScript } from '#execution/script/execute-script.ts';
import type { ScriptRequest } from '#execution/script/open-script.ts';
import { findWorkPlace, type WorkPlace } from '#execution/script/work-place.ts';

export const shell = familyNamed('shell');

export interface Recorder extends LogSink {
  text(stream: 'stdout' | 'stderr'): string;
  bytes(stream: 'stdout' | 'stderr'): Buffer;
}

export function recorder(): Recorder {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const bytes = (stream: 'stdout' | 'stderr'): Buffer => Buffer.concat(chunks[stream]);
  return {
    write: (stream, chunk) => void chunks[stream].push(new Uint8Array(chunk)),
    bytes,
    text: (stream) => bytes(stream).toString(),
  };
}

const never: StopSignals = { cancel: new AbortController().signal };

interface ShellOptions {
  readonly sink?: LogSink;
  readonly stop?: StopSignals;
}

/** Runs `sh -c script` with generous limits unless told otherwise. */
export function runShell(
  script: string,
  more: Partial<CommandRequest> = {},
  { sink = recorder(), stop = never }: ShellOptions = {},
): Promise<CommandReport> {
  const request = {
    command: ['/bin/sh', '-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    input: new Uint8Array(),
    timeoutMs: 60_000,
    graceMs: 500,
    logLimitBytes: bothStreams(1024 * 1024),
    ...more,
  };
  return runCommand(request, sink, stop);
}

/** Executes a shell script file as an action. */
export function executeShell(
  file: string,
  more: Partial<ScriptRequest> = {},
  env: Record<string, string> = { PATH: '/usr/bin:/bin' },
): ReturnType<typeof executeScript> {
  const request: ScriptRequest = {
    program: { family: shell, interpreter: { path: '/bin/sh', realPath: '/bin/sh' } },
    script: { file, cwd: '/' },
    parameters: { values: {}, delivery: 'stdin', format: 'json' },
    outputFormat: 'text',
    variables: {},
    artifactsDirectory: undefined,
    limits: { timeoutMs: 60_000, graceMs: 500, logLimitBytes: bothStreams(1024 * 1024) },
    ...more,
  };
  return executeScript(request, { env, workPlace: workPlaceFor(env), sink: { write: () => {} }, signals: never });
}

const workPlaces = new Map<string, WorkPlace>();

/** Found once for each ATTUNE_WORK_DIR, as an agent finds it once. */
function workPlaceFor(env: Record<string, string>): WorkPlace {
  const requested = env['ATTUNE_WORK_DIR'];
  const known = workPlaces.get(requested ?? '');
  if (known) return known;
  const found = findWorkPlace(env, { work_dir: requested });
  if (!found.ok) throw new Error(found.error);
  workPlaces.set(requested ?? '', found.value);
  return found.value;
}

function familyNamed(name: string): RuntimeFamily {
  const family = findFamily(name);
  if (!family) throw new Error(`no family ${name}`);
  return family;
}

export function bothStreams(bytes: number): CommandRequest['logLimitBytes'] {
  return { stdout: bytes, stderr: bytes };
}
