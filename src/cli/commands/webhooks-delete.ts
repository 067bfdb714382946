import { withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, webhookNumber } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';

export const verb = defineVerb({
  details: 'What it was to be told is dropped. The token needs the scope admin.',
  arguments: { id: webhookNumber(offering('webhooks', required('id', 'Webhook, as webhooks list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks delete 2', 'Deletes webhook 2']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const deleted = await api.call('DELETE', `webhooks/${encodeURIComponent(id)}`);
      if (!deleted.ok) return deleted;
      await writeAnswer(format, { deleted: Number(id) }, `webhook ${id} is deleted`);
      return success(undefined);
    }),
});
