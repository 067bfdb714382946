import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { localAuditEntry, withAdminStore } from '#cli/wiring/admin-store.ts';
import { describeToken } from '#cli/wiring/describe-token.ts';
import type { AdminStore } from '#domain/admin-store.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';

export const verb = defineVerb({
  arguments: { id: offering('tokens', required('id', 'Id of the token, as token list shows it, or its name')) },
  options: databaseOptions(),
  settings: databaseSettings,
  examples: [['attune-agent token revoke 2', 'Makes the token with the id 2 worthless at once']],
  action: async ({ id: which }, _, { sources }) =>
    await withAdminStore(sources, async (store) => {
      const found = await idOf(store, which);
      if (found.ok && (await store.revokeToken(found.value))) {
        await store.saveAudit([localAuditEntry('token revoke', `token ${found.value}`)]);
        await write(process.stdout, `token ${which} is revoked\n`);
        return EXIT.success;
      }
      const absent = `there is no token ${which} that could be revoked: attune-agent token list shows them`;
      await complain(found.ok ? absent : found.error);
      return EXIT.failure;
    }),
});

/** The id of a token that is given by its id, or by its name. */
async function idOf(store: AdminStore, which: string): Promise<Result<string, string>> {
  if (/^\d{1,18}$/.test(which)) return success(which);
  const tokens = (await store.listTokens()).map(describeToken).filter((one) => one.revoked_at === null);
  const one = tokens.find(({ name }) => name === which);
  if (one) return success(String(one.id));
  const near = nearest(
    which,
    tokens.map(({ name }) => name),
  );
  const hint = near === undefined ? ': attune-agent token list shows them' : `, did you mean '${near}'?`;
  return failure(`there is no token '${which}' that could be revoked${hint}`);
}
