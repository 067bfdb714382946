import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, webhookNumber } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { failure, success } from '#domain/result.ts';
import { webhookTrial } from '#wire/webhooks.ts';

export const verb = defineVerb({
  details: 'A server sends it at once, and once. The token needs the scope admin.',
  arguments: { id: webhookNumber(offering('webhooks', required('id', 'Webhook, as webhooks list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks test 2', 'Sends a message of the type webhook.test']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const sent = await ask(api.call('POST', `webhooks/${encodeURIComponent(id)}/test`), webhookTrial);
      if (!sent.ok) return sent;
      const { delivered, status, problem } = sent.value;
      await writeAnswer(format, sent.value, delivered ? `webhook ${id} answered ${status}` : '');
      return delivered ? success(undefined) : failure(`webhook ${id}: ${problem}`);
    }),
});
