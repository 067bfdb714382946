import { serverUrl } from '#adapters/remote/http.ts';
import { openApi } from '#cli/api-client/api-client.ts';
import { writeProfile } from '#cli/api-client/profile.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { apiTokenOption, apiUrlOption, clientSettings, configOption } from '#cli/options.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { messageOf } from '#domain/errors.ts';

export const verb = defineVerb({
  details:
    'The address and the token are kept in ~/.config/attune-agent/client.yaml, readable by their owner only, once the server has accepted them. Other verbs use them when neither an option nor the environment names an address.',
  arguments: {},
  options: {
    apiUrl: apiUrlOption('Address of the Attune server', 'http://127.0.0.1:8080'),
    apiToken: apiTokenOption(),
    config: configOption(),
  },
  settings: clientSettings,
  examples: [
    [
      'attune-agent login --api-url http://127.0.0.1:8080 --api-token - < token.txt',
      'Keeps the token that is in token.txt',
    ],
  ],
  action: async (_, { apiToken: given }, { env, sources }) => {
    const token = given === '-' ? (await Bun.stdin.text()).trim() : given;
    const config = await readConfig({ ...sources, flags: { ...sources.flags, api_token: token } });
    if (!config) return EXIT.configuration;
    if (config.api_token === undefined) {
      await complain('no token: give it with --api-token (- reads stdin) or ATTUNE_API_TOKEN');
      return EXIT.usage;
    }
    const api = openApi(config, env);
    const answer = await api.call('GET', 'openapi.json');
    if (!answer.ok) {
      await complain(answer.error);
      return EXIT.failure;
    }
    try {
      const path = writeProfile(env, { api_url: serverUrl(api.url), api_token: config.api_token });
      await write(process.stdout, `logged in to ${api.url}; kept in ${path}\n`);
      return EXIT.success;
    } catch (error) {
      await complain(`the token works, but cannot be kept: ${messageOf(error)}`);
      return EXIT.failure;
    }
  },
});
