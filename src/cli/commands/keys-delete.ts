import { withApi } from '#cli/api-client/client.ts';
import { orNearest } from '#cli/api-client/or-nearest.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, option, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { success } from '#domain/result.ts';

export const verb = defineVerb({
  details: 'Executions that run already keep the value that they were given. The token needs the scope admin.',
  arguments: {
    ref: offering(
      'keys',
      required(
        'ref',
        'Key, as keys list shows it; its name alone with --action or --pack, or for the key of all actions',
      ),
    ),
  },
  options: {
    action: offering(
      'actions',
      option('--action <ref>', 'Deletes the key of that name of one action', { conflicts: ['pack'] }),
    ),
    pack: offering('packs', option('--pack <ref>', 'Deletes the key of that name of one pack')),
    ...clientOptions(),
  },
  settings: clientSettings,
  examples: [['attune-agent keys delete pack.mail.smtp_password', 'Deletes that key of the pack mail']],
  action: async ({ ref: given }, { action, pack, format }, { sources }) =>
    await withApi(sources, async (api) => {
      const ref = refOf(given, action, pack);
      const done = await api.call('DELETE', `keys/${encodeURIComponent(ref)}`);
      const deleted = await orNearest(api, { kind: 'keys', wanted: ref }, done);
      if (!deleted.ok) return deleted;
      await write(
        process.stdout,
        format === 'json' ? `${JSON.stringify({ deleted: ref })}\n` : `key ${ref} is deleted\n`,
      );
      return success(undefined);
    }),
});

function refOf(name: string, action: string | undefined, pack: string | undefined): string {
  if (action !== undefined) return `action.${action}.${name}`;
  if (pack !== undefined) return `pack.${pack}.${name}`;
  return name.includes('.') ? name : `system.${name}`;
}
