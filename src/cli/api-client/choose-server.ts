import { EXIT } from '#cli/exit-codes.ts';
import type { ConfigSources } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { currentLogin, type Login, type Logins, readLogins } from './logins.ts';

/**
 * The server that a call means, and the token for it: those of the login that --context names, else the configured ones,
 * else those of the current login. The error is a sentence for the user.
 */
export function chooseServer(config: Config, { env, flags }: ConfigSources): Result<Login, string> {
  const { api_context: name } = config;
  const isGiven = flags['api_url'] !== undefined;
  if (isGiven && flags['api_context'] !== undefined)
    return failure('--api-url and --context may name different servers: keep one of them');
  const isWhole = config.api_url !== undefined && config.api_token !== undefined;
  const kept = isWhole && (name === undefined || isGiven) ? success({ contexts: {} }) : readLogins(env);
  if (!kept.ok) return kept;
  const logins: Logins = kept.value;
  if (name !== undefined && !isGiven) {
    const login = findContext(logins, name);
    return login.ok && flags['api_token'] !== undefined
      ? success({ ...login.value, api_token: config.api_token })
      : login;
  }
  return success(unnamed(config, currentLogin(logins)));
}

/** The exit code of a call for which no server can be chosen: its arguments are wrong, or what login has kept. */
export function codeWithoutServer({ env }: Pick<ConfigSources, 'env'>): number {
  return readLogins(env).ok ? EXIT.usage : EXIT.configuration;
}

function unnamed(config: Config, kept: Login | undefined): Login {
  const url = addressOf(config, kept);
  return { api_url: url, api_token: config.api_token ?? (url === kept?.api_url ? kept.api_token : undefined) };
}

/** The address of the server that is configured, else of a login, else of one on this machine. */
export function addressOf({ api_url: configured, server }: Config, kept: Login | undefined): string {
  return configured ?? kept?.api_url ?? `http://${server.host}:${server.port}`;
}

/** The login of that name; the error says which there are. */
export function findContext({ contexts }: Logins, name: string): Result<Login, string> {
  const login = contexts[name];
  if (login) return success(login);
  const names = Object.keys(contexts);
  const near = nearest(name, names);
  const hint = near === undefined ? ` (there are: ${names.join(', ') || 'none'})` : `, did you mean '${near}'?`;
  return failure(`there is no context '${name}'${hint}: attune-agent login --context ${name} makes it`);
}
