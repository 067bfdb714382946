import { showBroken } from '#cli/api-client/broken-packs.ts';
import { askAll, show, withApi } from '#cli/api-client/client.ts';
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
  action: async (_, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await askAll(api, 'packs', { schema: packList, members: 'packs' });
      if (!found.ok) return found;
      const rows = found.value.packs.map((one) => [one.ref, one.version, String(one.actions), one.label]);
      await show({ format }, found.value, [['PACK', 'VERSION', 'ACTIONS', 'LABEL'], ...rows]);
      await showBroken(format, found.value.broken);
      return success(undefined);
    }),
});
