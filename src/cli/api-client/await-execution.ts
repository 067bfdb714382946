import { EXIT } from '#cli/exit-codes.ts';
import type { AnswerFormat } from '#cli/options.ts';
import { paint, write, writeOnNewLine } from '#cli/terminal.ts';
import type { Stop } from '#cli/wiring/stop-on-signals.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { whenAborted } from '#domain/abort.ts';
import type { StreamName } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Execution } from '#wire/executions.ts';
import type { Api } from './api-client.ts';
import { exitCodeOf, summary } from './execution-answers.ts';
import { followExecution } from './follow-execution.ts';
import { sayWhetherItWaits } from './say-whether-it-waits.ts';

export interface AwaitOptions {
  readonly format: AnswerFormat;
  readonly follow?: true | undefined;
  readonly wait?: true | undefined;
  readonly detach?: true | undefined;
  readonly raw?: boolean | undefined;
}

/**
 * Shows the log of an execution that has been requested, and how it ends; with `detach` its number alone. Ctrl-C asks the
 * server to cancel it. Resolves with the exit code.
 */
export async function awaitExecution(
  api: Api,
  requested: Execution,
  { options, stop }: { readonly options: AwaitOptions; readonly stop: Stop },
): Promise<Result<number, string>> {
  const { id } = requested;
  const { format, wait, follow, detach, raw } = options;
  await sayWhetherItWaits(api, id);
  if (detach) {
    await writeAnswer(format, requested, String(id));
    return success(EXIT.success);
  }
  await write(process.stderr, `${paint('dim', `execution ${id}`, process.stderr)}\n`);
  /* The signal may have come while the request was on its way: the execution began before its id was known here. */
  void whenAborted(stop.cancel).then(() => api.call('POST', `executions/${id}/cancel`));
  const target = (stream: StreamName): NodeJS.WriteStream | undefined =>
    wait && !follow ? undefined : targetOf(stream, format);
  const ended = await followExecution(api, id, { stop: stop.killNow, follow: true, target, raw });
  if (!ended.ok) {
    const code = stop.exitCode();
    return code === undefined ? failure(ended.error) : success(code);
  }
  await showEnd(ended.value, format);
  return success(exitCodeOf(ended.value, stop.exitCode()));
}

/** Where a stream of a log goes: to its own, and where stdout has the execution for programs, to stderr. */
export function targetOf(stream: StreamName, format: AnswerFormat): NodeJS.WriteStream {
  return stream === 'stdout' && format === 'text' ? process.stdout : process.stderr;
}

/** Says how an execution has ended, or prints all of it for programs. */
export async function showEnd(ended: Execution, format: AnswerFormat): Promise<void> {
  if (format === 'text') await writeOnNewLine(process.stderr, summary(ended));
  else await writeAnswer(format, ended, '');
}
