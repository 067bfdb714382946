import type { LogSink } from '#domain/execution.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { hideUserInfo } from '#execution/masking/user-info.ts';
import { GRACE_MS } from '#execution/process/end-group.ts';
import { findProgram } from '#execution/process/find-program.ts';
import { type CommandReport, runCommand, type StopSignals } from '#execution/process/run-command.ts';
import { installerEnvironment } from './installer-environment.ts';
import type { BuildPlan } from './plan.ts';
import type { BuildPlace } from './recipe.ts';

/** The bytes of each command's output that go to the log. */
const LOG_LIMIT_BYTES = 1024 * 1024;

interface Step {
  readonly command: readonly string[];
  readonly place: BuildPlace;
  readonly timeoutMs: number;
}

interface StepContext {
  readonly env: ProcessEnv;
  readonly sink: LogSink;
  readonly signals: StopSignals;
  /** The restrictions to which the launcher holds the command. */
  readonly restrictions: readonly string[];
  /** True if the command has another user than the agent, whose HOME it cannot use. */
  readonly isOtherUser: boolean;
}

/** The directory of temporary files of a build, in the environment. */
export function temporaryOf(environment: string): string {
  return `${environment}/tmp`;
}

/** Runs one command of a build. What it prints goes to the sink, without the user and password of URLs. */
export async function runStep(
  { script, recipe }: BuildPlan,
  { command, place, timeoutMs }: Step,
  { env, sink, signals, restrictions, isOtherUser }: StepContext,
): Promise<CommandReport> {
  const temporary = temporaryOf(place.environment);
  const shown = hideUserInfo((bytes) => sink.write('stderr', bytes));
  const variables = {
    ...installerEnvironment(env, script, { cache: place.cache, temporary, isOtherUser }),
    ...recipe.variables?.(place),
  };
  const report = await runCommand(
    {
      command: withProgram(command, variables['PATH'] ?? ''),
      restrictions,
      cwd: place.pack,
      env: variables,
      input: new Uint8Array(),
      timeoutMs: Math.max(timeoutMs, 1),
      graceMs: GRACE_MS,
      logLimitBytes: { stdout: LOG_LIMIT_BYTES, stderr: LOG_LIMIT_BYTES },
    },
    { write: (_, bytes) => shown.write(bytes) },
    signals,
  );
  await shown.close();
  return report;
}

/** A command whose program is found on PATH, where it has a bare name. */
function withProgram([program = '', ...args]: readonly string[], path: string): readonly string[] {
  return [(program.includes('/') ? undefined : findProgram(program, path.split(':'))) ?? program, ...args];
}
