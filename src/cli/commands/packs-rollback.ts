import { ask, withApi } from '#cli/api-client/client.ts';
import { orNearest } from '#cli/api-client/or-nearest.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';
import { packWithActions } from '#wire/packs.ts';
import { describePack } from './packs-install.ts';

export const verb = defineVerb({
  details:
    'The server keeps the version before the current one of each pack that was installed. Called twice, it is back at the newer one. The token needs the scope admin.',
  arguments: { pack: offering('packs-with-earlier', required('pack', 'Name of the pack')) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent packs rollback mail', 'Goes back to the version of mail before the current one']],
  action: async ({ pack }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const done = await ask(api.call('POST', `packs/${encodeURIComponent(pack)}/rollback`), packWithActions);
      const restored = await orNearest(api, { kind: 'packs', wanted: pack }, done);
      if (!restored.ok) return restored;
      await writeAnswer(format, restored.value, describePack(restored.value));
      return success(undefined);
    }),
});
