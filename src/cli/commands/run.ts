import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { shellWord } from '#cli/invoked.ts';
import {
  answerFormatOption,
  configOption,
  executionParameters,
  packsOption,
  rawOption,
  runtimeOption,
  timeoutOption,
} from '#cli/options.ts';
import { offering, option, required, type Values } from '#cli/parameter.ts';
import { printable } from '#cli/printable.ts';
import { BrokenPipe, paint, write, writeOnNewLine, writeRaw } from '#cli/terminal.ts';
import { type Call, defineVerb } from '#cli/verb.ts';
import { describeAction, viewOf } from '#cli/wiring/describe-action.ts';
import { prepareRun } from '#cli/wiring/prepare-run.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { openRunner } from '#cli/wiring/run-here.ts';
import { isScript } from '#cli/wiring/script-here.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { durationText } from '#domain/duration-text.ts';
import type { ExecutionResult, LogSink, Outcome } from '#domain/execution.ts';
import { loadAction } from '#packs/load-action.ts';

const options = {
  ...executionParameters(),
  runtime: runtimeOption(),
  packs: packsOption(),
  timeout: timeoutOption('that of the action, else worker.task_timeout, which is 300'),
  logLimit: option('--log-limit <bytes>', 'Largest number of bytes kept of stdout, and as many of stderr', {
    fallback: 'worker.max_stdout_bytes and worker.max_stderr_bytes, which are 10485760',
  }),
  artifacts: option('--artifacts <directory>', 'Directory that keeps the artifacts; it is made if it is absent', {
    fallback: 'artifacts are removed at the end',
  }),
  raw: rawOption(),
  config: configOption(),
  format: answerFormatOption(),
};
type RunOptions = Values<typeof options>;

export const verb = defineVerb({
  details:
    'Needs no server, no database and no broker. The output is shown while it comes, and a summary goes to stderr at the end; with --format json or yaml the result alone is on stdout. With PACK.ACTION, --help describes that action and its parameters.',
  arguments: { action: offering('actions-here', required('action', 'PACK.ACTION, or the path of a script')) },
  options,
  settings: [
    'worker.task_timeout',
    'worker.max_stdout_bytes',
    'worker.max_stderr_bytes',
    'worker.execution_user',
    'worker.execution_users',
    'limits',
    'environments',
    'packs_base_dir',
    'runtime_envs_dir',
    'work_dir',
  ],
  examples: [
    ["attune-agent run sample.stats -p 'values=[3,1,4,1,5]'", 'Runs an action of a pack in ./packs'],
    ['attune-agent run ./report.py --params parameters.yaml', 'Runs a script, by its first line or its extension'],
  ],
  exitCodes: {
    [EXIT.success]: 'the action succeeded',
    [EXIT.failure]: 'the action failed',
    [EXIT.usage]: 'wrong arguments or parameters; nothing was started',
    [EXIT.timedOut]: 'the action timed out',
    [EXIT.hungUp]: 'ended by SIGHUP, as when its terminal closes',
    [EXIT.interrupted]: 'interrupted by Ctrl-C',
    [EXIT.quit]: 'ended by SIGQUIT',
    [EXIT.terminated]: 'ended by SIGTERM',
  },
  help: async ([what], { sources }) => {
    if (what === undefined || isScript(what)) return undefined;
    const config = await readConfig(sources);
    const action = config && loadAction(config.packs_base_dir, what);
    if (action?.ok) return describeAction(viewOf(action.value), ['attune-agent run', ...placesIn(sources)].join(' '));
    if (action) await complain(action.error.message);
    return false;
  },
  action: async ({ action }, given, call) => await run(action, given, call),
});

/** The options of a call that say where its packs are. */
function placesIn({ flags, file, env }: Call['sources']): readonly string[] {
  const packs = flags['packs_base_dir'];
  return [
    ...(file === undefined || file === env['ATTUNE_CONFIG'] ? [] : [`--config ${shellWord(file)}`]),
    ...(packs === undefined ? [] : [`--packs ${shellWord(String(packs))}`]),
  ];
}

/** Runs an action or a script here and shows its output. Resolves with the exit code. */
export async function run(what: string, options: RunOptions, { env, sources }: Call): Promise<number> {
  const config = await readConfig(sources);
  if (!config) return EXIT.configuration;
  using stop = stopOnSignals();
  const request = await prepareRun(what, options, { env, config, stop: stop.cancel });
  const interrupted = stop.exitCode();
  if (interrupted !== undefined) return interrupted;
  if (!request.ok) {
    await complain(request.error);
    return EXIT.usage;
  }
  const runner = openRunner(config, env);
  if (!runner.ok) {
    await complain(runner.error.message);
    return runner.error.exitCode;
  }
  if (request.value.notes.length > 0) await complain(...request.value.notes);
  const isText = options.format === 'text';
  const stdout = isText ? process.stdout : process.stderr;
  const terminal = terminalSink({ stdout, put: options.raw ? writeRaw : write }, () => stop.stop());
  const { outcome, result } = await runner.value.run(request.value, terminal.sink, stop);
  if (terminal.isBroken()) return EXIT.brokenPipe;
  if (isText) await writeOnNewLine(process.stderr, summary(what, result));
  else await writeAnswer(options.format, result, '');
  return stop.exitCode() ?? exitCodeOf(outcome);
}

/**
 * Shows the streams of an execution while they come. A reader that leaves ends the execution, as it would in a
 * pipeline.
 */
function terminalSink(
  { stdout, put }: { readonly stdout: NodeJS.WriteStream; readonly put: typeof write },
  leave: () => void,
): { readonly sink: LogSink; isBroken(): boolean } {
  let isBroken = false;
  const sink: LogSink = {
    write: async (stream, bytes) => {
      if (isBroken) return;
      try {
        await put(stream === 'stdout' ? stdout : process.stderr, bytes);
      } catch (error) {
        if (!(error instanceof BrokenPipe)) throw error;
        isBroken = true;
        leave();
      }
    },
  };
  return { sink, isBroken: () => isBroken };
}

function summary(what: string, result: ExecutionResult): string {
  const took = durationText(result.duration_ms);
  const verdict = result.succeeded
    ? `${paint('green', '✔', process.stderr)} ${what} succeeded in ${took}`
    : `${paint('red', '✘', process.stderr)} ${what} failed in ${took}: ${printable(result.error ?? '')}`;
  const data = result.data === undefined ? [] : [`result: ${JSON.stringify(result.data)}`];
  const complaint =
    result.output_error === undefined
      ? []
      : [paint('yellow', `warning: ${printable(result.output_error)}`, process.stderr)];
  return [verdict, ...data, ...complaint, ''].join('\n');
}

function exitCodeOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'completed':
      return EXIT.success;
    case 'timed-out':
      return EXIT.timedOut;
    case 'failed':
    case 'killed':
    case 'cancelled':
    case 'not-started':
      return EXIT.failure;
  }
}
