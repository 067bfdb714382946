import { ask, list } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { offering, required, webhookNumber } from '#cli/parameter.ts';
import { showAge } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { webhookMessageList } from '#wire/webhooks.ts';

export const verb = defineVerb({
  details:
    'First those that wait, the next one first, 100 at most; then the last 100 that were delivered or given up. ANSWER is the HTTP status of the last try. The token needs the scope admin.',
  arguments: { id: webhookNumber(offering('webhooks', required('id', 'Webhook, as webhooks list shows it'))) },
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks messages 2', 'Shows what has become of the messages of webhook 2']],
  action: async ({ id }, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await ask(api.call('GET', `webhooks/${encodeURIComponent(id)}/messages`), webhookMessageList);
      if (!found.ok) return found;
      const rows = found.value.messages.map((one) => [
        ...[String(one.execution), one.action_ref, one.status, one.state, String(one.tries)],
        ...[one.answer === null ? '' : String(one.answer), one.tried === null ? 'never' : showAge(one.tried)],
        one.problem ?? '',
      ]);
      const heading = ['EXECUTION', 'ACTION', 'STATUS', 'STATE', 'TRIES', 'ANSWER', 'TRIED', 'PROBLEM'];
      return success({ answer: found.value, rows: [heading, ...rows], calledBy: 'EXECUTION' });
    }),
});
