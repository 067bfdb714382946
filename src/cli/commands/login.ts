import { serverUrl } from '#adapters/remote/http.ts';
import { openApi } from '#cli/api-client/api-client.ts';
import { addressOf } from '#cli/api-client/choose-server.ts';
import { DEFAULT_CONTEXT, readLogins, writeLogins } from '#cli/api-client/logins.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { apiTokenOption, apiUrlOption, clientSettings, configOption } from '#cli/options.ts';
import { offering, optional, optionWithDefault } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { fileProblemOf } from '#domain/errors.ts';

export const verb = defineVerb({
  details:
    'The address and the token are kept in ~/.config/attune-agent/client.yaml, readable by their owner only, once the server has accepted them. Other verbs use them when neither an option nor the environment names an address. A login for each of several servers is kept under a name of its own (--context); the newest is the current one, and attune-agent contexts lists and changes that.',
  arguments: { url: optional('url', 'Address of the server, as --api-url takes it') },
  options: {
    apiUrl: apiUrlOption('Address of the Attune server', 'http://127.0.0.1:8080'),
    apiToken: apiTokenOption(),
    context: offering(
      'contexts',
      optionWithDefault('--context <name>', DEFAULT_CONTEXT, 'Name under which the login is kept'),
    ),
    config: configOption(),
  },
  settings: clientSettings,
  examples: [
    ['attune-agent login http://127.0.0.1:8080 --api-token - < token.txt', 'Keeps the token that is in token.txt'],
    [
      'attune-agent login --context lab --api-url http://127.0.0.1:8080 --api-token - < token.txt',
      'Keeps a login besides others, which attune-agent workers --context lab uses',
    ],
  ],
  action: async ({ url }, { apiUrl, apiToken: given, context }, { env, sources }) => {
    if (url !== undefined && apiUrl !== undefined) {
      await complain('the address is there twice: leave out --api-url');
      return EXIT.usage;
    }
    const token = given === '-' ? (await Bun.stdin.text()).trim() : given;
    const flags = { ...sources.flags, api_token: token, ...(url === undefined ? {} : { api_url: url }) };
    const config = await readConfig({ ...sources, flags });
    if (!config) return EXIT.configuration;
    if (config.api_token === undefined) {
      await complain('no token: give it with --api-token (- reads stdin) or ATTUNE_API_TOKEN');
      return EXIT.usage;
    }
    const kept = readLogins(env);
    if (!kept.ok) {
      await complain(kept.error);
      return EXIT.configuration;
    }
    const logins = kept.value;
    const api = openApi({ api_url: addressOf(config, logins.contexts[context]), api_token: config.api_token });
    const answer = await api.call('GET', 'openapi.json');
    if (!answer.ok) {
      await complain(answer.error);
      return EXIT.failure;
    }
    try {
      const login = { api_url: serverUrl(api.url), api_token: config.api_token };
      const path = writeLogins(env, { current: context, contexts: { ...logins.contexts, [context]: login } });
      await write(process.stdout, `logged in to ${api.url}; kept in ${path}\n`);
      return EXIT.success;
    } catch (error) {
      await complain(`the token works, but cannot be kept: ${fileProblemOf(error)}`);
      return EXIT.failure;
    }
  },
});
