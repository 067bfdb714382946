import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required, webhookNumber } from '#cli/parameter.ts';
import { showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeFacts } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';
import { webhook } from '#wire/webhooks.ts';

export const verb = defineVerb({
  details: 'Its secret is never shown. The token needs the scope admin.',
  arguments: { id: webhookNumber(offering('webhooks', required('id', 'Webhook, as webhooks list shows it'))) },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks show 1', 'Shows what webhook 1 is told of, and how that went']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const found = await ask(api.call('GET', `webhooks/${id}`), webhook);
      if (!found.ok) return found;
      const one = found.value;
      await writeFacts(format, one, [
        ['Webhook', one.id],
        ['URL', one.url ?? `callbacks of ${one.callbacks_of}`],
        ['Statuses', one.statuses.join(', ') || 'any'],
        ['Of', one.action_ref ?? one.pack_ref ?? 'all'],
        ['Waiting', one.waiting],
        ['Delivered', one.last_delivered === null ? 'never' : showTime(one.last_delivered)],
        ['Problem', one.problem ?? undefined],
        ['Created', showTime(one.created)],
      ]);
      return success(undefined);
    }),
});
