import { ask, withApi } from '#cli/api-client/client.ts';
import { sayWhetherItWaits } from '#cli/api-client/say-whether-it-waits.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { executionNumber, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { execution } from '#wire/executions.ts';

export const verb = defineVerb({
  details: 'It prints the number of the new execution, whose log attune-agent logs -f shows.',
  arguments: {
    id: executionNumber(required('id', 'Number of the execution that is run again, with the same parameters')),
  },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent rerun 1', 'Requests once more what execution 1 was']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const made = await ask(api.call('POST', `executions/${id}/rerun`), execution);
      if (!made.ok) return made;
      await sayWhetherItWaits(api, made.value.id);
      const text = format === 'json' ? JSON.stringify(made.value, null, 2) : String(made.value.id);
      await write(process.stdout, `${text}\n`);
      return success(undefined);
    }),
});
