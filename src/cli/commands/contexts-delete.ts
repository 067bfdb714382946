import { findContext } from '#cli/api-client/choose-server.ts';
import { dropLogin } from '#cli/api-client/drop-login.ts';
import { readLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { answerFormatOption } from '#cli/options.ts';
import { offering, required } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';

export const verb = defineVerb({
  details: 'The token stays valid: attune-agent token revoke makes it worthless.',
  arguments: { name: offering('contexts', required('context', 'Name of the context')) },
  options: { format: answerFormatOption() },
  examples: [['attune-agent contexts delete lab', 'Removes the address and token that login has kept as lab']],
  action: async ({ name }, { format }, { env }) => {
    const kept = readLogins(env);
    if (!kept.ok) {
      await complain(kept.error);
      return EXIT.configuration;
    }
    const login = findContext(kept.value, name);
    const said = login.ok ? dropLogin(env, name) : login;
    if (!said.ok) {
      await complain(said.error);
      return EXIT.failure;
    }
    await writeAnswer(format, { deleted: name }, said.value);
    return EXIT.success;
  },
});
