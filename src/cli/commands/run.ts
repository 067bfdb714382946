import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { BrokenPipe, paint, write } from '#cli/terminal.ts';
import { environmentsOf } from '#cli/wiring/open-environments.ts';
import { sandboxOf } from '#cli/wiring/open-sandbox.ts';
import { prepareRun, type RunOptions } from '#cli/wiring/prepare-run.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { secretValues } from '#config/secret-values.ts';
import type { ExecutionResult, LogSink, Outcome } from '#domain/execution.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { runMasked } from '#execution/masking/run-masked.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { runPrepared } from '#worker/run-prepared.ts';

/** One execution, its output live. With json the result alone is on stdout, everything else on stderr. */
export async function run(
  what: string,
  options: RunOptions & { readonly format: 'text' | 'json' },
  env: ProcessEnv,
): Promise<number> {
  const config = await readConfig({ flags: {}, env, file: options.config });
  if (!config) return EXIT.configuration;
  using stop = stopOnSignals();
  const request = await prepareRun(what, options, { env, config, stop: stop.cancel });
  const interrupted = stop.exitCode();
  if (interrupted !== undefined) return interrupted;
  if (!request.ok) {
    await complain(request.error);
    return EXIT.usage;
  }
  const workPlace = findWorkPlace(env, config);
  if (!workPlace.ok) {
    await complain(workPlace.error);
    return EXIT.failure;
  }
  const sandbox = sandboxOf(config, workPlace.value);
  if (!sandbox.ok) {
    await complain(sandbox.error);
    return EXIT.configuration;
  }
  const terminal = terminalSink(options.format === 'json' ? process.stderr : process.stdout, () => stop.stop());
  const { request: script, place, secrets } = request.value;
  const environments = environmentsOf(config, { root: workPlace.value.environments, env });
  const context = { environments, env, workPlace: workPlace.value, sandbox: sandbox.value, signals: stop };
  const { outcome, result } = await runMasked([...secrets, ...secretValues(config)], terminal.sink, (sink) =>
    runPrepared(script, place, { ...context, sink }),
  );
  if (terminal.isBroken()) return EXIT.brokenPipe;
  if (options.format === 'json') await write(process.stdout, `${JSON.stringify(result, null, 2)}\n`);
  else await write(process.stderr, summary(what, result));
  return stop.exitCode() ?? exitCodeOf(outcome);
}

/** Shows the streams as they come; a reader that leaves ends the execution, as it would in a pipeline. */
function terminalSink(stdout: NodeJS.WriteStream, leave: () => void): { readonly sink: LogSink; isBroken(): boolean } {
  let isBroken = false;
  const sink: LogSink = {
    write: async (stream, bytes) => {
      if (isBroken) return;
      try {
        await write(stream === 'stdout' ? stdout : process.stderr, bytes);
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
  const seconds = `${(result.duration_ms / 1000).toFixed(2)} s`;
  const verdict = result.succeeded
    ? `${paint('green', '✔', process.stderr)} ${what} succeeded in ${seconds}`
    : `${paint('red', '✘', process.stderr)} ${what} failed in ${seconds}: ${result.error ?? ''}`;
  const data = result.data === undefined ? [] : [`result: ${JSON.stringify(result.data)}`];
  const complaint =
    result.output_error === undefined ? [] : [paint('yellow', `warning: ${result.output_error}`, process.stderr)];
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
