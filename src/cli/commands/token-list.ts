import { show } from '#cli/api-client/client.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings, listFormatOption } from '#cli/options.ts';
import { defineVerb } from '#cli/verb.ts';
import { withAdminStore } from '#cli/wiring/admin-store.ts';
import { describeToken } from '#cli/wiring/describe-token.ts';

export const verb = defineVerb({
  arguments: {},
  options: { ...databaseOptions(), format: listFormatOption() },
  settings: databaseSettings,
  examples: [['attune-agent token list', 'Lists the tokens with their scopes and states']],
  action: async (_, { format }, { sources }) =>
    await withAdminStore(sources, async (store) => {
      const tokens = (await store.listTokens()).map(describeToken);
      const rows = tokens.map((one) => [
        one.id,
        one.name,
        one.scopes.join(','),
        stateOf(one),
        one.created.slice(0, 10),
      ]);
      await show({ format }, { tokens }, [['ID', 'NAME', 'SCOPES', 'STATE', 'CREATED'], ...rows]);
      return EXIT.success;
    }),
});

function stateOf({ expires_at: expires, revoked_at: revoked }: ReturnType<typeof describeToken>): string {
  if (revoked !== null) return 'revoked';
  if (expires === null) return 'valid';
  return Date.parse(expires) < Date.now() ? 'expired' : `until ${expires.slice(0, 10)}`;
}
