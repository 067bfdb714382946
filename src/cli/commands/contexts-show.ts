import { findContext } from '#cli/api-client/choose-server.ts';
import { readLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { answerFormatOption } from '#cli/options.ts';
import { offering, optional } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeFacts } from '#cli/wiring/write-answer.ts';

export const verb = defineVerb({
  arguments: { name: offering('contexts', optional('context', 'Name of the context; without it, the current one')) },
  options: { format: answerFormatOption() },
  examples: [['attune-agent contexts show lab', 'Shows the server of the context lab, and whether a token is kept']],
  action: async ({ name: given }, { format }, { env }) => {
    const kept = readLogins(env);
    if (!kept.ok) {
      await complain(kept.error);
      return EXIT.configuration;
    }
    const logins = kept.value;
    const name = given ?? logins.current;
    if (name === undefined) {
      await complain('no context is the current one: attune-agent login makes one');
      return EXIT.failure;
    }
    const login = findContext(logins, name);
    if (!login.ok) {
      await complain(login.error);
      return EXIT.failure;
    }
    const { api_url, api_token: token } = login.value;
    const answer = { name, api_url, current: name === logins.current, has_token: token !== undefined };
    await writeFacts(format, answer, [
      ['Context', name],
      ['Server', api_url],
      ['Current', answer.current ? 'yes' : 'no'],
      ['Token', answer.has_token ? 'kept' : 'none'],
    ]);
    return EXIT.success;
  },
});
