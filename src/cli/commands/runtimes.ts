import { ask, list } from '#cli/api-client/client.ts';
import { complain } from '#cli/complain.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { runtimeList } from '#wire/workers.ts';

export const verb = defineVerb({
  arguments: {},
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent runtimes', 'Lists the runtimes and versions that the living workers offer']],
  action: async (_, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await ask(api.call('GET', 'runtimes'), runtimeList);
      if (!found.ok) return found;
      const rows = [
        ['RUNTIME', 'VERSIONS', 'WORKERS'],
        ...found.value.runtimes.map((one) => [
          one.name,
          one.versions.map(({ version }) => version).join(', ') || '-',
          one.workers.join(', '),
        ]),
      ];
      if (found.value.is_complete === false) await complain('there are more: the server shows as many as fit');
      return success({ answer: found.value, rows });
    }),
});
