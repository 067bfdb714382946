import { readLogins, withoutLogin, writeLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { option } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { messageOf } from '#domain/errors.ts';

export const verb = defineVerb({
  details: 'The token stays valid: attune-agent token revoke makes it worthless.',
  arguments: {},
  options: { context: option('--context <name>', 'Name of the login', { fallback: 'the current one' }) },
  examples: [['attune-agent logout', 'Removes the current address and token that login has kept']],
  action: async (_, { context }, { env }) => {
    const logins = readLogins(env);
    const name = context ?? logins.current;
    const login = name === undefined ? undefined : logins.contexts[name];
    if (name === undefined || !login) {
      await write(
        process.stdout,
        context === undefined ? 'nobody was logged in\n' : `there is no context '${context}'\n`,
      );
      return context === undefined ? EXIT.success : EXIT.failure;
    }
    try {
      const path = writeLogins(env, withoutLogin(logins, name));
      await write(process.stdout, `removed the login '${name}' for ${login.api_url} from ${path}\n`);
      return EXIT.success;
    } catch (error) {
      await complain(`the token cannot be removed: ${messageOf(error)}`);
      return EXIT.failure;
    }
  },
});
