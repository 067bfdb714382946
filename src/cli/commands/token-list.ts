import { show } from '#cli/api-client/client.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings, listFormatOption } from '#cli/options.ts';
import { showAge, showTime, showWait } from '#cli/terminal.ts';
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

function reachOf({ packs, actions }: ReturnType<typeof describeToken>): string {
  return [...(packs ?? []), ...(actions ?? [])].join(',') || '-';
}

function stateOf(
  { expires_at: expires, revoked_at: revoked }: ReturnType<typeof describeToken>,
  isWide: boolean,
): string {
  if (revoked !== null) return 'revoked';
  if (expires === null) return 'valid';
  if (Date.parse(expires) < Date.now()) return 'expired';
  return isWide ? `until ${showTime(expires)}` : `expires ${showWait(expires)}`;
}
