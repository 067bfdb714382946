import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { withAdminStore } from '#cli/wiring/admin-store.ts';
import { describeToken, reachOf, stateOf } from '#cli/wiring/describe-token.ts';
import { findToken } from '#cli/wiring/find-token.ts';
import { writeFacts } from '#cli/wiring/write-answer.ts';

export const verb = defineVerb({
  details: 'The token itself is never shown: the database keeps its hash only.',
  arguments: { id: offering('tokens', required('id', 'Id of the token, as token list shows it, or its name')) },
  options: databaseOptions(),
  settings: databaseSettings,
  examples: [['attune-agent token show laptop', 'Shows what the token laptop allows, and when it was used last']],
  action: async ({ id: which }, { format }, { sources }) =>
    await withAdminStore(sources, async (store) => {
      const found = await findToken(store, which);
      if (!found.ok) {
        await complain(found.error);
        return EXIT.failure;
      }
      const one = describeToken(found.value);
      await writeFacts(format, one, [
        ['Token', one.name],
        ['Id', one.id],
        ['Scopes', one.scopes.join(', ')],
        ['Confined to', reachOf(one)],
        ['State', stateOf(one, true)],
        ['Last used', one.last_used_at === null ? 'never' : showTime(one.last_used_at)],
        ['Created', showTime(one.created)],
      ]);
      return EXIT.success;
    }),
});
