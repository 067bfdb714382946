import { type Logins, readLogins, withoutLogin, writeLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { option } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { fileProblemOf } from '#domain/errors.ts';

export const verb = defineVerb({
  details: 'The token stays valid: attune-agent token revoke makes it worthless.',
  arguments: {},
  options: { context: option('--context <name>', 'Name of the login', { fallback: 'the current one' }) },
  examples: [['attune-agent logout', 'Removes the current address and token that login has kept']],
  action: async (_, { context }, { env }) => {
    const logins = readLogins(env);
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
    try {
      const left = withoutLogin(logins, name);
      const path = writeLogins(env, left);
      await write(process.stdout, `removed the login '${name}' for ${login.api_url} from ${path}${hintAt(left)}\n`);
      return EXIT.success;
    } catch (error) {
      await complain(`the token cannot be removed: ${fileProblemOf(error)}`);
      return EXIT.failure;
    }
  },
});

/** How another login becomes the current one, where there are others and none is. */
function hintAt({ current, contexts }: Logins): string {
  const [other] = Object.keys(contexts);
  if (current !== undefined || other === undefined) return '';
  return `; no other login is the current one: attune-agent contexts use ${other}`;
}
