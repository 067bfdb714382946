import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { describeAction, viewOfAnswer } from '#cli/wiring/describe-action.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';
import { action } from '#wire/packs.ts';

export const verb = defineVerb({
  arguments: { ref: offering('actions', required('action', 'PACK.ACTION')) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent actions show sample.stats', 'Shows what the action does, and its parameters']],
  action: async ({ ref }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await ask(api.call('GET', `actions/${encodeURIComponent(ref)}`), action);
      if (!found.ok) return found;
      await writeAnswer(format, found.value, describeAction(viewOfAnswer(found.value), 'attune-agent submit'));
      return success(undefined);
    }),
});
