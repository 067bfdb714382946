import { askAll, show, withApi } from '#cli/api-client/client.ts';
import { orNearest } from '#cli/api-client/or-nearest.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { packWithActions } from '#wire/packs.ts';

export const verb = defineVerb({
  arguments: { pack: offering('packs', required('pack', 'Name of the pack')) },
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent packs show sample', 'Lists the actions of the pack sample with their runtimes']],
  action: async ({ pack }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const list = { schema: packWithActions, members: 'actions' } as const;
      const answer = await askAll(api, `packs/${encodeURIComponent(pack)}`, list);
      const found = await orNearest(api, { kind: 'packs', wanted: pack }, answer);
      if (!found.ok) return found;
      const rows = found.value.actions.map((one) => [one.ref, one.runtime ?? '', one.description ?? one.label]);
      await show({ format }, found.value, [['ACTION', 'RUNTIME', 'DESCRIPTION'], ...rows]);
      return success(undefined);
    }),
});
