import { show } from '#cli/api-client/client.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings, listFormatOption } from '#cli/options.ts';
import { showAge, showTime } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { withAdminStore } from '#cli/wiring/admin-store.ts';
import { describeToken, reachOf, stateOf } from '#cli/wiring/describe-token.ts';

export const verb = defineVerb({
  arguments: {},
  options: { ...databaseOptions(), format: listFormatOption() },
  settings: databaseSettings,
  examples: [['attune-agent token list', 'Lists the tokens with their scopes and states']],
  action: async (_, { format }, { sources }) =>
    await withAdminStore(sources, async (store) => {
      const tokens = (await store.listTokens()).map(describeToken);
      const isWide = format === 'wide';
      const rows = tokens.map((one) => [
        one.id,
        one.name,
        one.scopes.join(','),
        reachOf(one),
        stateOf(one, isWide),
        isWide ? showTime(one.created) : showAge(one.created),
      ]);
      await show({ format }, { tokens }, [
        ['ID', 'NAME', 'SCOPES', 'CONFINED TO', 'STATE', isWide ? 'CREATED' : 'AGE'],
        ...rows,
      ]);
      return EXIT.success;
    }),
});
