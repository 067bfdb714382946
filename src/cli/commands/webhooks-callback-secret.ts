import { ask, withApi } from '#cli/api-client/client.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { success } from '#domain/result.ts';
import { callbackSecret } from '#wire/webhooks.ts';

export const verb = defineVerb({
  details:
    'Messages to the addresses of submit --callback-url are signed with it from now on, and with no older one. It is printed once. The token needs the scope submit.',
  arguments: {},
  options: clientOptions(),
  settings: clientSettings,
  examples: [['attune-agent webhooks callback-secret', 'Makes the secret that signs the callbacks of this token']],
  action: async (_, { format }, { sources }) =>
    await withApi(sources, async (api) => {
      const made = await ask(api.call('POST', 'callback-secret'), callbackSecret);
      if (!made.ok) return made;
      await writeAnswer(format, made.value, made.value.secret);
      return success(undefined);
    }),
});
