import { awaitExecution } from '#cli/api-client/await-execution.ts';
import { ask, withApi } from '#cli/api-client/client.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { awaitOptions, clientOptions, clientSettings, requestExitCodes } from '#cli/options.ts';
import { executionNumber, offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { execution } from '#wire/executions.ts';

export const verb = defineVerb({
  details:
    'It shows the log and the result of the new execution as submit does, and Ctrl-C asks the server to cancel it; with --detach it prints the number alone.',
  arguments: {
    id: executionNumber(
      offering('executions', required('id', 'Number of the execution that is run again, with the same parameters')),
    ),
  },
  options: { ...awaitOptions(), ...clientOptions() },
  settings: clientSettings,
  examples: [
    ['attune-agent rerun 1', 'Requests once more what execution 1 was, and shows its log and result'],
    ['attune-agent rerun 1 --detach', 'Prints the number of the new execution only'],
  ],
  exitCodes: {
    ...requestExitCodes,
    [EXIT.failure]: 'there is no such execution, or the new one did not complete',
    [EXIT.usage]: 'wrong arguments or options',
  },
  action: async ({ id }, options, { sources }) => {
    using stop = stopOnSignals();
    let ended: number | undefined;
    const code = await withApi(sources, async (api) => {
      const made = await ask(api.call('POST', `executions/${id}/rerun`), execution);
      if (!made.ok) return made;
      const done = await awaitExecution(api, made.value, { options, stop });
      ended = done.ok ? done.value : undefined;
      return done;
    });
    return ended ?? code;
  },
});
