import * as oidc from 'openid-client';
import { messageOf } from '#domain/errors.ts';
import { claimOf, type Identity, type IdentityProvider, type LoginChecks } from '#domain/identity.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** Seconds for an answer of the provider. */
const TIMEOUT_S = 10;
/** The specification allows a subject no more letters; a name is cut. */
const MOST_LETTERS = 255;

interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly requestScopes: readonly string[];
  /** The claim that is asked of the provider's user info where the ID token does not have it. */
  readonly claim: string;
}

/** Opens a provider of OpenID Connect. It is asked for its description at the first login, and again after a failure. */
export function openIdentityProvider(options: ProviderOptions): IdentityProvider {
  let known: Promise<oidc.Configuration> | undefined;
  const discovered = async (): Promise<oidc.Configuration> => {
    known ??= discover(options);
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
  return {
    begin: (returnTo) =>
      told(async () => {
        const config = await discovered();
        const checks = {
          state: oidc.randomState(),
          nonce: oidc.randomNonce(),
          verifier: oidc.randomPKCECodeVerifier(),
        };
        const url = oidc.buildAuthorizationUrl(config, {
          redirect_uri: returnTo,
          scope: options.requestScopes.join(' '),
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
          code_challenge_method: 'S256',
        });
        return { url: url.href, checks };
      }),
    finish: (cameBackAt, checks) => told(async () => identify(await discovered(), options, { cameBackAt, checks })),
    endOf: async (returnTo) => {
      const end = await told(async () =>
        oidc.buildEndSessionUrl(await discovered(), { post_logout_redirect_uri: returnTo }),
      );
      return end.ok ? end.value.href : undefined;
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: ProviderOptions): Promise<oidc.Configuration> {
  const isPlain = issuer.startsWith('http:'); /* the settings allow it for loopback alone */
  /* Without that check the library trusts what the token endpoint answers, whoever has signed it. */
  const execute = [oidc.enableNonRepudiationChecks, ...(isPlain ? [oidc.allowInsecureRequests] : [])];
  return await oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
    { timeout: TIMEOUT_S, execute },
  );
}

async function identify(
  config: oidc.Configuration,
  { claim }: ProviderOptions,
  { cameBackAt, checks }: { readonly cameBackAt: string; readonly checks: LoginChecks },
): Promise<Identity> {
  const tokens = await oidc.authorizationCodeGrant(config, new URL(cameBackAt), {
    pkceCodeVerifier: checks.verifier,
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (!claims) throw new Error('it sent no ID token');
  if (claims.sub === '') throw new Error('it sent an ID token without a subject');
  if (claims.sub.length > MOST_LETTERS) throw new Error(`its subject is longer than ${MOST_LETTERS} letters`);
  const more =
    claimOf(claims, claim) === undefined && config.serverMetadata().userinfo_endpoint !== undefined
      ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
      : {};
  const all: Record<string, unknown> = { ...claims, ...more };
  const name = [all['preferred_username'], all['email'], all['name']].find(isText);
  return { subject: claims.sub, name: (name ?? claims.sub).slice(0, MOST_LETTERS), claims: all };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** The outcome of a step, with the words of the provider where it refuses. */
async function told<T>(step: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return success(await step());
  } catch (error) {
    const said = isRecord(error) && typeof error['error_description'] === 'string' ? error['error_description'] : '';
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return failure(said === '' ? `${messageOf(error)}${cause}` : said);
  }
}
