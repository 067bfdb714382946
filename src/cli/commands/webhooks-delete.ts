import { withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';

export const verb = defineVerb({
  details: 'What it was to be told is dropped. The token needs the scope admin.',
  arguments: { id: required('id', 'Webhook, as webhooks list shows it') },
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks delete 2', 'Deletes webhook 2']],
  action: async ({ id }, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const deleted = await api.call('DELETE', `webhooks/${encodeURIComponent(id)}`);
      if (!deleted.ok) return deleted;
      const text = format === 'json' ? JSON.stringify({ deleted: Number(id) }) : `webhook ${id} is deleted`;
      await write(process.stdout, `${text}\n`);
      return success(undefined);
    }),
});
