import { showEnd, targetOf } from '#cli/api-client/await-execution.ts';
import { withApi } from '#cli/api-client/client.ts';
import { exitCodeOf } from '#cli/api-client/execution-answers.ts';
import { followExecution } from '#cli/api-client/follow-execution.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { clientOptions, clientSettings, rawOption } from '#cli/options.ts';
import { choiceOrNone, executionNumber, flag, offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { STREAM_NAMES, type StreamName } from '#domain/execution.ts';
import { success } from '#domain/result.ts';
import type { Execution } from '#wire/executions.ts';

export const verb = defineVerb({
  details:
    'What the action wrote to stdout goes to stdout, and what it wrote to stderr goes to stderr: byte for byte into pipes and files. On a terminal, whatever would steer it but colours is shown as text. With --format json or yaml the log goes to stderr, and the execution with its result alone is on stdout.',
  arguments: { id: executionNumber(offering('executions', required('id', 'Number of the execution'))) },
  options: {
    follow: flag('-f, --follow', 'Shows the log while it grows, until the execution has ended'),
    stream: choiceOrNone('--stream <stream>', STREAM_NAMES, 'Shows only this stream, on stdout'),
    raw: rawOption(),
    ...clientOptions(),
  },
  settings: clientSettings,
  examples: [['attune-agent logs --follow 1', 'Shows the log of execution 1 until the execution has ended']],
  exitCodes: {
    [EXIT.success]: 'the log was shown; with --follow, the execution completed',
    [EXIT.failure]: 'the log cannot be read; with --follow, the execution did not complete',
    [EXIT.timedOut]: 'with --follow, the execution timed out',
    [EXIT.interrupted]: 'interrupted by Ctrl-C; the execution continues',
  },
  action: async ({ id }, { follow = false, stream: only, raw, format }, { sources }) => {
    using stop = stopOnSignals();
    const target = (name: StreamName): NodeJS.WriteStream | undefined => {
      if (only === undefined) return targetOf(name, format);
      return name === only ? targetOf('stdout', format) : undefined;
    };
    let ended: Execution | undefined;
    const code = await withApi(sources, async (api) => {
      const shown = await followExecution(api, Number(id), { stop: stop.cancel, follow, target, raw });
      if (shown.ok) ended = shown.value;
      return shown.ok || stop.cancel.aborted ? success(undefined) : shown;
    });
    if (!ended) return stop.exitCode() ?? code;
    if (follow || format !== 'text') await showEnd(ended, format);
    return follow ? exitCodeOf(ended, stop.exitCode()) : (stop.exitCode() ?? code);
  },
});
