import { withApi } from '#cli/api-client/client.ts';
import { orNearest } from '#cli/api-client/or-nearest.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';

export const verb = defineVerb({
  details:
    'All versions that the server keeps go, and with them the actions of the pack and its keys. Executions stay. A pack that the server serves from a directory in which somebody edits is refused. The token needs the scope admin.',
  arguments: { pack: offering('installed-packs', required('pack', 'Name of the pack')) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent packs remove mail', 'Removes the pack mail from the server']],
  action: async ({ pack }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const done = await api.call('DELETE', `packs/${encodeURIComponent(pack)}`);
      const removed = await orNearest(api, { kind: 'packs', wanted: pack }, done);
      if (!removed.ok) return removed;
      await writeAnswer(format, { removed: pack }, `removed pack ${pack}`);
      return success(undefined);
    }),
});
