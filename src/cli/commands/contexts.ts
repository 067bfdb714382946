import { show } from '#cli/api-client/client.ts';
import { readLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { listFormatOption } from '#cli/options.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  details:
    'A context is a server with a token for it, under a name. The current one is marked with a star; --context NAME or ATTUNE_CONTEXT takes another for one call.',
  arguments: {},
  options: { format: listFormatOption() },
  examples: [['attune-agent contexts', 'Lists the servers that login has kept, without their tokens']],
  action: async (_, { format }, { env }) => {
    const kept = readLogins(env);
    if (!kept.ok) {
      await complain(kept.error);
      return EXIT.configuration;
    }
    const { current, contexts } = kept.value;
    const all = Object.entries(contexts).map(([name, { api_url }]) => ({ name, api_url, current: name === current }));
    const rows = all.map((one) => [one.current ? '*' : '', one.name, one.api_url]);
    await show({ format }, { contexts: all }, [['', 'NAME', 'SERVER'], ...rows]);
    return EXIT.success;
  },
});
