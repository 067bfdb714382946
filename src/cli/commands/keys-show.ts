import { askAll, withApi } from '#cli/api-client/client.ts';
import { keyOwnerOptions, refOfKey } from '#cli/api-client/keys.ts';
import { orNearest } from '#cli/api-client/or-nearest.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeFacts } from '#cli/wiring/write-answer.ts';
import { failure, success } from '#domain/result.ts';
import { keyList } from '#wire/keys.ts';

export const verb = defineVerb({
  details: 'Its value is never shown. The token needs the scope admin.',
  arguments: {
    ref: offering('keys', required('ref', 'Key, as keys list shows it; its name alone with --action or --pack')),
  },
  options: { ...keyOwnerOptions(), ...clientOptions() },
  settings: clientSettings,
  examples: [['attune-agent keys show pack.mail.smtp_password', 'Shows whose key that is, and since when']],
  action: async ({ ref: given }, { action, pack, format }, { sources }) =>
    await withApi(sources, async (api) => {
      const ref = refOfKey(given, action, pack);
      const found = await askAll(api, 'keys', { schema: keyList, members: 'keys' });
      if (!found.ok) return found;
      const one = found.value.keys.find((key) => key.ref === ref);
      if (!one) return await orNearest(api, { kind: 'keys', wanted: ref }, failure(`there is no key '${ref}'`));
      await writeFacts(format, one, [
        ['Key', one.ref],
        ['Name', one.name],
        ['Owner', one.owner === null ? one.owner_type : `${one.owner_type} ${one.owner}`],
        ['Stored', one.updated === undefined ? undefined : showTime(one.updated)],
      ]);
      return success(undefined);
    }),
});
