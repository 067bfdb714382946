import { askAll, list, queryOf } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { offering, option } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { actionList } from '#wire/packs.ts';

export const verb = defineVerb({
  arguments: {},
  options: { pack: offering('packs', option('--pack <ref>', 'Lists only the actions of this pack')), ...listOptions() },
  settings: clientSettings,
  examples: [['attune-agent actions --pack sample', 'Lists the actions of the pack sample']],
  action: async (_, { pack, format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await askAll(api, `actions?${queryOf({ pack_ref: pack })}`, {
        schema: actionList,
        members: 'actions',
      });
      if (!found.ok) return found;
      const rows = found.value.actions.map((one) => [one.ref, one.runtime ?? '', one.description ?? one.label]);
      return success({ answer: found.value, rows: [['ACTION', 'RUNTIME', 'DESCRIPTION'], ...rows] });
    }),
});
