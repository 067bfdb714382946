import { ask, list } from '#cli/api-client/client.ts';
import { clientSettings, listOptions } from '#cli/options.ts';
import { showAge } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';
import { webhookList } from '#wire/webhooks.ts';

export const verb = defineVerb({
  details:
    'WAITING are messages that are not delivered yet, PROBLEM says why the last try came to nothing, or that it is paused. The token needs the scope admin.',
  arguments: {},
  options: listOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks list', 'Lists who is told when executions end']],
  action: async (_, { format, watch }, { sources }) =>
    await list(sources, { format, watch }, async (api) => {
      const found = await ask(api.call('GET', 'webhooks'), webhookList);
      if (!found.ok) return found;
      const rows = found.value.webhooks.map((one) => [
        ...[String(one.id), one.url ?? `callbacks of ${one.callbacks_of}`, one.statuses.join(',') || 'any'],
        ...[one.action_ref ?? one.pack_ref ?? 'all', String(one.waiting)],
        ...[
          one.last_delivered === null ? 'never' : showAge(one.last_delivered),
          one.paused ? 'paused' : (one.problem ?? ''),
        ],
      ]);
      const heading = ['ID', 'URL', 'STATUSES', 'OF', 'WAITING', 'DELIVERED', 'PROBLEM'];
      return success({ answer: found.value, rows: [heading, ...rows], calledBy: 'ID' });
    }),
});
