import { withApi } from '#cli/api-client/client.ts';
import { keyOwnerOptions, refOfKey } from '#cli/api-client/keys.ts';
import { orNearest } from '#cli/api-client/or-nearest.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
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
  options: { ...keyOwnerOptions(), ...clientOptions() },
  settings: clientSettings,
  examples: [['attune-agent keys delete pack.mail.smtp_password', 'Deletes that key of the pack mail']],
  action: async ({ ref: given }, { action, pack, format }, { sources }) =>
    await withApi(sources, async (api) => {
      const ref = refOfKey(given, action, pack);
      const done = await api.call('DELETE', `keys/${encodeURIComponent(ref)}`);
      const deleted = await orNearest(api, { kind: 'keys', wanted: ref }, done);
      if (!deleted.ok) return deleted;
      await writeAnswer(format, { deleted: ref }, `key ${ref} is deleted`);
      return success(undefined);
    }),
});
