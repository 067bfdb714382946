import { removeProfile } from '#cli/api-client/profile.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { messageOf } from '#domain/errors.ts';

export const verb = defineVerb({
  details: 'The token stays valid: attune-agent token revoke makes it worthless.',
  arguments: {},
  options: {},
  examples: [['attune-agent logout', 'Removes the address and the token that login has kept']],
  action: async (_, _options, { env }) => {
    try {
      const removed = removeProfile(env);
      await write(process.stdout, removed === undefined ? 'nobody was logged in\n' : `removed ${removed}\n`);
      return EXIT.success;
    } catch (error) {
      await complain(`the token cannot be removed: ${messageOf(error)}`);
      return EXIT.failure;
    }
  },
});
