import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { databaseOptions, databaseSettings } from '#cli/options.ts';
import { required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { localAuditEntry, withAdminStore } from '#cli/wiring/admin-store.ts';

export const verb = defineVerb({
  arguments: { id: required('id', 'Id of the token, as token list shows it') },
  options: databaseOptions(),
  settings: databaseSettings,
  examples: [['attune-agent token revoke 2', 'Makes the token with the id 2 worthless at once']],
  action: async ({ id }, _, { sources }) =>
    await withAdminStore(sources, async (store) => {
      if (/^\d{1,18}$/.test(id) && (await store.revokeToken(id))) {
        await store.saveAudit([localAuditEntry('token revoke', `token ${id}`)]);
        await write(process.stdout, `token ${id} is revoked\n`);
        return EXIT.success;
      }
      await complain(`there is no token ${id} that could be revoked: attune-agent token list shows them`);
      return EXIT.failure;
    }),
});
