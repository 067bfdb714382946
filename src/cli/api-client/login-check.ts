import type { ConfigSources } from '#config/load-config.ts';
import type { Config } from '#config/schema.ts';
import type { Result } from '#domain/result.ts';
import { failure, success } from '#domain/result.ts';
import { type Answer, checkAnswer } from '#wire/answer.ts';
import { tokenInfo } from '#wire/server.ts';
import { type Api, openApi } from './api-client.ts';
import { chooseServer } from './choose-server.ts';
import type { Login } from './logins.ts';

const ANSWER_MS = 10_000;

/** What the server says of the token that a client would use. */
export interface LoginReport {
  readonly url: string;
  /** The name of the token with its scopes; the error is why the server cannot be used with it. */
  readonly token: Result<string, string>;
  /** The version of the server; undefined if it is not known. */
  readonly serverVersion: string | undefined;
}

/** The server that clients would use here, configured or kept by login, if there is a token for it. */
export function loginHere(config: Config, sources: ConfigSources): Result<Login | undefined, string> {
  const chosen = chooseServer(config, sources);
  return chosen.ok && chosen.value.api_token === undefined ? success(undefined) : chosen;
}

/** Asks a server about the token that there is for it. */
export async function askAboutLogin(login: Login): Promise<LoginReport> {
  const api = openApi(login);
  const late = Bun.sleep(ANSWER_MS).then(() => failure(`${api.url} does not answer within ${ANSWER_MS / 1000} s`));
  const asked = await Promise.race([tokenOf(api), late]);
  return asked.ok
    ? { url: api.url, token: success(asked.value.text), serverVersion: asked.value.serverVersion }
    : { url: api.url, token: asked, serverVersion: undefined };
}

interface Said {
  readonly text: string;
  readonly serverVersion: string | undefined;
}

async function tokenOf(api: Api): Promise<Result<Said, string>> {
  const described = await api.call('GET', 'openapi.json');
  if (!described.ok) return described;
  const { serverVersion } = described.value;
  const answer = await api.call('GET', 'token');
  if (!answer.ok) return success({ text: 'a token, of which the server tells nothing more', serverVersion });
  return describe(answer.value, serverVersion);
}

function describe(answer: Answer, serverVersion: string | undefined): Result<Said, string> {
  const checked = checkAnswer(tokenInfo, answer);
  if (!checked.ok) return checked;
  const { name, scopes } = checked.value;
  return success({ text: `the token '${name}', with the scopes ${scopes.join(', ')}`, serverVersion });
}
