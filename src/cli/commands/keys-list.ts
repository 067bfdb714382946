import { askAll, list } from '#cli/api-client/client.ts';
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
  action: async (_, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await askAll(api, 'keys', { schema: keyList, members: 'keys' });
      if (!found.ok) return found;
      const rows = found.value.keys.map((one) => [
        ...[one.ref, one.name, one.owner === null ? one.owner_type : `${one.owner_type} ${one.owner}`],
        one.updated === undefined ? '' : showAge(one.updated),
      ]);
      return success({ answer: found.value, rows: [['REF', 'NAME', 'OWNER', 'AGE'], ...rows] });
    }),
});
