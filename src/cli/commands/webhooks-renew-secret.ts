import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, webhookNumber } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';
import { createdWebhook } from '#wire/webhooks.ts';

export const verb = defineVerb({
  details:
    'Messages are signed with it from now on, also those that wait, and with no older one. It is printed once. The token needs the scope admin.',
  arguments: { id: webhookNumber(offering('webhooks', required('id', 'Webhook, as webhooks list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks renew-secret 2', 'Makes a new secret for webhook 2']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const made = await ask(api.call('POST', `webhooks/${encodeURIComponent(id)}/secret`), createdWebhook);
      if (!made.ok) return made;
      await writeAnswer(format, made.value, made.value.secret);
      return success(undefined);
    }),
});
