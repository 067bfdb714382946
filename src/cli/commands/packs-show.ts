import type { Api } from '#cli/api-client/api-client.ts';
import { tableOfBroken } from '#cli/api-client/broken-packs.ts';
import { askAll, list } from '#cli/api-client/client.ts';
import { orNearest } from '#cli/api-client/or-nearest.ts';
import { clientSettings, isTable, listOptions } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { type PackList, packList, packWithActions } from '#wire/packs.ts';

export const verb = defineVerb({
  arguments: { pack: offering('packs', required('pack', 'Name of the pack')) },
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent packs show sample', 'Lists the actions of the pack sample with their runtimes']],
  action: async ({ pack }, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const members = { schema: packWithActions, members: 'actions' } as const;
      const answer = await askAll(api, `packs/${encodeURIComponent(pack)}`, members);
      const found = await orNearest(api, { kind: 'packs', wanted: pack }, answer);
      if (!found.ok) return found;
      const rows = found.value.actions.map((one) => [one.ref, one.runtime ?? '', one.description ?? one.label]);
      return success({
        answer: found.value,
        rows: [['ACTION', 'RUNTIME', 'DESCRIPTION'], ...rows],
        below: isTable(format) ? tableOfBroken(format, await brokenOf(api, pack)) : [],
      });
    }),
});

/** The actions of a pack that could not be loaded. */
async function brokenOf(api: Api, pack: string): Promise<PackList['broken']> {
  const found = await askAll(api, 'packs', { schema: packList, members: 'packs', besides: 'broken' });
  const broken = found.ok ? found.value.broken : [];
  return broken?.filter(({ ref }) => ref === pack || ref.startsWith(`${pack}.`));
}
