import { tableOfBroken } from '#cli/api-client/broken-packs.ts';
import { askAll, list } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { packList } from '#wire/packs.ts';

export const verb = defineVerb({
  details: 'BROKEN are packs and actions that could not be loaded, each with what is wrong.',
  arguments: {},
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent packs list', 'Lists the packs of the server with their versions']],
  action: async (_, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await askAll(api, 'packs', { schema: packList, members: 'packs', besides: 'broken' });
      if (!found.ok) return found;
      const rows = found.value.packs.map((one) => [one.ref, one.version, String(one.actions), one.label]);
      const heading = ['PACK', 'VERSION', 'ACTIONS', 'LABEL'];
      return success({
        answer: found.value,
        rows: [heading, ...rows],
        below: tableOfBroken(format, found.value.broken),
      });
    }),
});
