import { askAll, show, withApi } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { showAge } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { keyList } from '#wire/keys.ts';

export const verb = defineVerb({
  details: 'Values are never shown. The token needs the scope admin.',
  arguments: {},
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent keys list', 'Lists the keys with their owners']],
  action: async (_, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await askAll(api, 'keys', { schema: keyList, members: 'keys' });
      if (!found.ok) return found;
      const rows = found.value.keys.map((one) => [
        ...[one.ref, one.name, one.owner === null ? one.owner_type : `${one.owner_type} ${one.owner}`],
        one.updated === undefined ? '' : showAge(one.updated),
      ]);
      await show({ format }, found.value, [['REF', 'NAME', 'OWNER', 'AGE'], ...rows]);
      return success(undefined);
    }),
});
