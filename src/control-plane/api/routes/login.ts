import type { Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type AppEnv, createToken } from '#control-plane/api/auth.ts';
import { describeRights } from '#control-plane/api/confinement.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { grantOf } from '#control-plane/api/grants.ts';
import { Problem } from '#control-plane/api/problem.ts';
import type { Identity, LoginChecks } from '#domain/identity.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';

const COOKIE = 'attune-login';
/** Seconds for a login at the provider. */
const LOGIN_S = 600;
const BEGIN = '/auth/login';
const END = '/auth/callback';
/** Logins of one person in a minute: each leaves a token or an entry of the audit log in the database. */
const MOST_LOGINS = 20;
/** Letters of a name that a token's may have. */
const NAME_LENGTH = 80;
const SUFFIX_LENGTH = 6;

type LoginDependencies = Pick<ApiDependencies, 'store' | 'clock' | 'login' | 'settings' | 'logger'>;

/**
 * Adds the addresses with which a browser logs in with a provider: it goes there, comes back, and gets a token of its own
 * that expires. What the end is checked with lies in a cookie until then, so that any server may finish a login.
 */
export function addLogin(app: Hono<AppEnv>, deps: LoginDependencies): void {
  const logins = new RateLimiterMemory({ points: MOST_LOGINS, duration: 60 });
  app.get('/auth/methods', (context) => context.json({ provider: deps.login !== undefined }));
  app.get(BEGIN, async (context) => {
    const { provider, own } = opened(deps);
    const begun = await provider.begin(`${own}${END}`);
    if (!begun.ok)
      return refuse(deps, context, { why: `the provider cannot be asked: ${begun.error}`, who: undefined });
    const isSecure = own.startsWith('https:');
    setCookie(context, COOKIE, Buffer.from(JSON.stringify(begun.value.checks)).toString('base64url'), {
      ...{ httpOnly: true, sameSite: 'Lax', path: '/', maxAge: LOGIN_S, secure: isSecure },
      ...(isSecure && { prefix: 'host' as const }),
    });
    context.header('cache-control', 'no-store');
    return context.redirect(begun.value.url);
  });
  app.get(END, async (context) => {
    const { provider, own } = opened(deps);
    context.header('cache-control', 'no-store');
    const checks = readChecks(context, own.startsWith('https:'));
    if (!checks)
      return refuse(deps, context, { why: 'this login has not begun here, or too long ago', who: undefined });
    const found = await provider.finish(`${own}${END}${new URL(context.req.url).search}`, checks);
    if (!found.ok) return refuse(deps, context, { why: found.error, who: undefined });
    const mayLogIn = await logins.consume(found.value.subject).then(
      () => true,
      () => false,
    );
    if (!mayLogIn) return refuse(deps, context, { why: `more than ${MOST_LOGINS} logins in a minute`, who: undefined });
    const token = await makeToken(deps, found.value, context.env.address);
    if (!token.ok) return refuse(deps, context, { why: token.error, who: found.value });
    return context.redirect(`${own}/#session=${token.value}`);
  });
}

function opened({ login, settings }: LoginDependencies) {
  const own = settings.publicUrl();
  if (!login) throw new Problem('not-configured', 'people log in with tokens here: oidc.issuer is not set');
  if (own === undefined)
    throw new Problem('not-configured', 'server.public_url is not set: the provider would not know the way back');
  return { provider: login.provider, own: own.replace(/\/$/, '') };
}

/** Takes what a login is checked with out of its cookie, which serves once. */
function readChecks(context: Context<AppEnv>, isSecure: boolean): LoginChecks | undefined {
  const options = { path: '/', secure: isSecure, ...(isSecure && { prefix: 'host' as const }) };
  const text = isSecure ? getCookie(context, COOKIE, 'host') : getCookie(context, COOKIE);
  deleteCookie(context, COOKIE, options);
  try {
    const kept: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString());
    if (!isRecord(kept)) return undefined;
    const { state, nonce, verifier } = kept;
    return typeof state === 'string' && typeof nonce === 'string' && typeof verifier === 'string'
      ? { state, nonce, verifier }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Makes the token of a session, as far as the claims of somebody give him any right. */
async function makeToken(
  { store, clock, login }: LoginDependencies,
  who: Identity,
  address: string,
): Promise<Result<string, string>> {
  const grant = login && grantOf(login.grants, login.claim, who.claims);
  if (!login || !grant) return failure(`nothing that the claim '${login?.claim}' of ${who.name} says may log in here`);
  const suffix = crypto.randomUUID().slice(0, SUFFIX_LENGTH);
  const { secret, token } = createToken(`${plain(who.name)} ${suffix}`, grant.scopes, clock.now() + login.sessionMs);
  const saved = await store.saveToken({ ...token, confinedTo: grant.confinedTo });
  if (!saved) return failure('another login has the same name: try again');
  const subject = `token ${saved.id} (${describeRights(saved)}) for ${plain(who.subject)}`;
  const entry = { at: clock.now(), actor: saved.name, token: saved.id, address, action: 'login', subject, status: 200 };
  await store.saveAudit([entry]);
  return success(secret);
}

/** What a provider says, as a name may be written. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\d_.@| -]/gu, '_').slice(0, NAME_LENGTH);
}

/** Says why somebody is not logged in, on a page of its own, and in the log and the audit log of those who run it. */
async function refuse(
  { store, clock, logger }: LoginDependencies,
  context: Context<AppEnv>,
  { why, who }: { readonly why: string; readonly who: Identity | undefined },
) {
  const { address } = context.env;
  logger.warn('login refused', { address, subject: who && plain(who.subject), why });
  if (who) {
    const subject = `${plain(who.name)}, at the provider ${plain(who.subject)}`;
    const entry = { at: clock.now(), actor: 'nobody', token: undefined, address, action: 'login', status: 403 };
    await store.saveAudit([{ ...entry, subject }]);
  }
  const page = html`<!doctype html>
    <html lang="en">
      <head><meta charset="utf-8" /><title>Attune: not logged in</title></head>
      <body><main><h1>You are not logged in</h1><p>${why}</p><p><a href="../">Back to Attune</a></p></main></body>
    </html>`;
  return context.html(page, 403);
}
