import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { localAuditEntry, withAdminStore } from '#cli/wiring/admin-store.ts';
import { findToken } from '#cli/wiring/find-token.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';

export const verb = defineVerb({
  arguments: { id: offering('tokens', required('id', 'Id of the token, as token list shows it, or its name')) },
  options: databaseOptions(),
  settings: databaseSettings,
  examples: [['attune-agent token revoke 2', 'Makes the token with the id 2 worthless at once']],
  action: async ({ id: which }, { format }, { sources }) =>
    await withAdminStore(sources, async (store) => {
      const found = await findToken(store, which);
      if (found.ok && (await store.revokeToken(found.value.id))) {
        await store.saveAudit([localAuditEntry('token revoke', `token ${found.value.id}`)]);
        await writeAnswer(format, { revoked: found.value.id }, `token ${which} is revoked`);
        return EXIT.success;
      }
      const absent = `there is no token ${which} that could be revoked: attune-agent token list shows them`;
      await complain(found.ok ? absent : found.error);
      return EXIT.failure;
    }),
});
