import { findContext } from '#cli/api-client/choose-server.ts';
import { readLogins, writeLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { offering, required } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { fileProblemOf } from '#domain/errors.ts';

export const verb = defineVerb({
  arguments: { name: offering('contexts', required('context', 'Name of the context')) },
  options: {},
  examples: [['attune-agent contexts use lab', 'Calls the server of the context lab from now on']],
  action: async ({ name }, _options, { env }) => {
    const kept = readLogins(env);
    if (!kept.ok) {
      await complain(kept.error);
      return EXIT.configuration;
    }
    const logins = kept.value;
    const login = findContext(logins, name);
    if (!login.ok) {
      await complain(login.error);
      return EXIT.failure;
    }
    try {
      writeLogins(env, { ...logins, current: name });
      await write(process.stdout, `${name} is the current context: ${login.value.api_url}\n`);
      return EXIT.success;
    } catch (error) {
      await complain(`the current context cannot be kept: ${fileProblemOf(error)}`);
      return EXIT.failure;
    }
  },
});
