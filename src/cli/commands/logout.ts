import { dropLogin, hintAt } from '#cli/api-client/drop-login.ts';
import { readLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { offering, option } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  details: 'The token stays valid: attune-agent token revoke makes it worthless.',
  arguments: {},
  options: {
    context: offering('contexts', option('--context <name>', 'Name of the login', { fallback: 'the current one' })),
  },
  examples: [['attune-agent logout', 'Removes the current address and token that login has kept']],
  action: async (_, { context }, { env }) => {
    const kept = readLogins(env);
    if (!kept.ok) {
      await complain(kept.error);
      return EXIT.configuration;
    }
    const logins = kept.value;
    const name = context ?? logins.current;
    const login = name === undefined ? undefined : logins.contexts[name];
    if (context !== undefined && !login) {
      await complain(`there is no context '${context}'`);
      return EXIT.failure;
    }
    if (name === undefined || !login) {
      await write(process.stdout, `nobody was logged in${hintAt(logins)}\n`);
      return EXIT.success;
    }
    const said = dropLogin(env, name);
    if (!said.ok) {
      await complain(said.error);
      return EXIT.failure;
    }
    await write(process.stdout, `${said.value}\n`);
    return EXIT.success;
  },
});
