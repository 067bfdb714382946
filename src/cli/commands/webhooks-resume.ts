import { changeWebhook } from '#cli/api-client/webhooks.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, webhookNumber } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  details: 'What has waited is sent too. The token needs the scope admin.',
  arguments: { id: webhookNumber(offering('webhooks', required('id', 'Webhook, as webhooks list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks resume 2', 'Sends to webhook 2 again']],
  action: async ({ id }, { format }, { sources }) =>
    await changeWebhook(sources, format, (api) => api.call('POST', `webhooks/${encodeURIComponent(id)}/resume`)),
});
