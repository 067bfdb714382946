import { openApi } from '#cli/api-client/api-client.ts';
import { writeProfile } from '#cli/api-client/profile.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { messageOf } from '#domain/errors.ts';
import type { ProcessEnv } from '#domain/runtime.ts';

export interface LoginOptions {
  readonly apiUrl?: string;
  readonly apiToken?: string;
  readonly config?: string;
}

/** Keeps the address of an API and a token for it, once they have been seen to work. */
export async function login(options: LoginOptions, env: ProcessEnv): Promise<number> {
  const token = options.apiToken === '-' ? (await Bun.stdin.text()).trim() : options.apiToken;
  const flags = { api_url: options.apiUrl, api_token: token };
  const config = await readConfig({ flags, env, file: options.config });
  if (!config) return EXIT.configuration;
  if (config.api_token === undefined) {
    await complain('no token: give it with --api-token (-: from stdin) or ATTUNE_API_TOKEN');
    return EXIT.usage;
  }
  const api = openApi(config, env);
  const answer = await api.call('GET', 'openapi.json');
  if (!answer.ok) {
    await complain(answer.error);
    return EXIT.failure;
  }
  try {
    const path = writeProfile(env, { api_url: api.url.replace(/\/api\/v1$/, ''), api_token: config.api_token });
    await write(process.stdout, `logged in to ${api.url}; kept in ${path}\n`);
    return EXIT.success;
  } catch (error) {
    await complain(`the token works, but cannot be kept: ${messageOf(error)}`);
    return EXIT.failure;
  }
}
