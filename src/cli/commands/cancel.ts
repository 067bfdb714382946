import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { execution } from '#wire/executions.ts';

export const verb = defineVerb({
  details: 'The worker ends the processes of the execution; this verb does not wait for that.',
  arguments: { id: required('id', 'Number of the execution') },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent cancel 1', 'Asks for the end of execution 1']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const one = await ask(api.call('POST', `executions/${encodeURIComponent(id)}/cancel`), execution);
      if (!one.ok) return one;
      const text = format === 'json' ? JSON.stringify(one.value, null, 2) : `execution ${id}: ${one.value.status}`;
      await write(process.stdout, `${text}\n`);
      return success(undefined);
    }),
});
