import { ask, withApi } from '#cli/api-client/client.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { clientOptions, clientSettings } from '#cli/options.ts';
import { list, offering, option, required, words, wordsIn } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';
import { success } from '#domain/result.ts';
import { createdWebhook, outsideUrl, type WebhookRequest } from '#wire/webhooks.ts';

export const verb = defineVerb({
  details:
    'The secret that signs the messages is printed once. Addresses that are not public are refused unless webhooks.allow_networks of the server names them. The token needs the scope admin.',
  arguments: { url: required('url', 'Address that is sent a message at each end, by POST') },
  options: {
    status: words(
      FINAL_STATUSES,
      offering(
        'final-statuses',
        list(
          '--status <status>',
          `Ends to tell of: ${FINAL_STATUSES.join(', ')}; several with commas or by giving the option again`,
        ),
      ),
    ),
    action: offering('actions', option('--action <action>', 'Tells of executions of this action alone')),
    pack: offering('packs', option('--pack <pack>', 'Tells of executions of this pack alone')),
    ...clientOptions(),
  },
  settings: clientSettings,
  examples: [
    [
      'attune-agent webhooks create https://example.com/hooks/attune --status failed,timeout --pack sample',
      'Tells an address of executions of a pack that fail',
    ],
  ],
  action: async ({ url }, { status, action, pack, format }, { sources }) => {
    const checked = outsideUrl.safeParse(url);
    if (!checked.success) {
      /* Without the address itself, which may hold a password. */
      await complain(`url: ${checked.error.issues.map(({ message }) => message).join('; ')}`);
      return EXIT.usage;
    }
    return await withApi(sources, async (api) => {
      const statuses = status.flatMap(wordsIn) as WebhookRequest['statuses'];
      const body: WebhookRequest = { url, statuses, action_ref: action, pack_ref: pack };
      const made = await ask(api.call('POST', 'webhooks', { body }), createdWebhook);
      if (!made.ok) return made;
      await writeAnswer(format, made.value, `webhook ${made.value.id}\n${made.value.secret}`);
      return success(undefined);
    });
  },
});
