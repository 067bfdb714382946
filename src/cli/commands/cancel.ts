import { ask, withApi } from '#cli/api-client/client.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { executionNumber, offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { isFinal } from '#domain/execution-status.ts';
import { failure, success } from '#domain/result.ts';
import { execution } from '#wire/executions.ts';

export const verb = defineVerb({
  details: 'The worker ends the processes of the execution; this verb does not wait for that.',
  arguments: { id: executionNumber(offering('executions', required('id', 'Number of the execution'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent cancel 1', 'Asks for the end of execution 1']],
  exitCodes: {
    [EXIT.success]: 'the execution ends, or had been cancelled before',
    [EXIT.failure]: 'there is no such execution, or it has ended otherwise',
  },
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const before = await ask(api.call('GET', `executions/${id}`), execution);
      if (!before.ok) return before;
      if (isFinal(before.value.status) && before.value.status !== 'cancelled')
        return failure(`execution ${id} has ended already: ${before.value.status}`);
      const one = await ask(api.call('POST', `executions/${id}/cancel`), execution);
      if (!one.ok) return one;
      await writeAnswer(format, one.value, `execution ${id}: ${one.value.status}`);
      return success(undefined);
    }),
});
