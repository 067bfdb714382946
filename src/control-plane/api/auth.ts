import { createMiddleware } from 'hono/factory';
import { createSecret, hashOfToken } from '#crypto/api-token.ts';
import type { AdminStore, NewToken, Scope, TokenHolder } from '#domain/admin-store.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import type { Turn } from '#domain/turns.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { answerInTime } from './answer-in-time.ts';
import type { ApiDependencies } from './dependencies.ts';
import { createTokenNotes } from './note-tokens.ts';
import { invalidToken, Problem } from './problem.ts';
import type { RateLimits } from './rate-limits.ts';

export interface AppEnv {
  Variables: {
    token: TokenHolder;
    tokenHash: string;
    requestId: string;
    /** What a request has made, for the audit log. */
    subject?: string;
    /** The bytes of its body; without one it may lead to any number. */
    bytes: number;
    /** Awaited before each step that works on so many bytes. */
    turn: Turn;
    /** Passes the bytes of an answer on for as long as the token is valid. */
    whileValid: (bytes: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
    /** Its span, as W3C Trace Context writes it. */
    traceparent?: string | undefined;
  };
  Bindings: {
    readonly address: string;
    /** Says that the connection has brought a valid token, by its hash. */
    broughtToken(hash: string): void;
    /** Says that the token of what is under way on the connection is no longer valid. */
    lostToken(): void;
  };
}

/** Makes a token, of which only the hash is to be stored. */
export function createToken(
  name: string,
  scopes: readonly Scope[],
  expiresAt?: number,
): { readonly secret: string; readonly token: NewToken } {
  const { secret, hash } = createSecret();
  return { secret, token: { name, hash, scopes, expiresAt } };
}

/** Finds the holder of a token by its secret; undefined if the token is unknown, revoked or expired. */
export async function findTokenOf(store: AdminStore, secret: string): Promise<TokenHolder | undefined> {
  return await store.findToken(hashOfToken(secret));
}

/** The secret in an Authorization header, or undefined if there is none. */
export function bearerOf(header: string | null | undefined): string | undefined {
  const [, secret] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return secret;
}

/** Whoever asks for the metrics is known for so long while the database, which alone knows tokens, is away. */
const REMEMBERED_MS = 15 * MINUTE_MS;
const MOST_REMEMBERED = 1000;
const METRICS = '/metrics';

/**
 * Middleware that lets a request pass with any valid token; the routes say which scope they want. Requests count for
 * their address until their token has been valid, and for the token from then on.
 */
export function authenticate({ store, clock }: Pick<ApiDependencies, 'store' | 'clock'>, limits: RateLimits) {
  const note = createTokenNotes(store, clock);
  const scrapers = new Map<string, { readonly holder: TokenHolder; readonly at: number }>();
  const findHolder = async (secret: string, path: string): Promise<TokenHolder | undefined> => {
    if (path !== METRICS) return await findTokenOf(store, secret);
    const hash = hashOfToken(secret);
    try {
      const holder = await answerInTime(findTokenOf(store, secret), clock, 'the database');
      scrapers.delete(hash);
      if (holder && scrapers.size < MOST_REMEMBERED) scrapers.set(hash, { holder, at: clock.monotonic() });
      return holder;
    } catch (error) {
      const known = scrapers.get(hash);
      if (error instanceof Unavailable && known && clock.monotonic() - known.at < REMEMBERED_MS) return known.holder;
      throw error;
    }
  };
  return createMiddleware<AppEnv>(async (context, next) => {
    const secret = bearerOf(context.req.header('authorization'));
    await limits.beforeToken(context.env.address, secret);
    if (secret === undefined)
      throw new Problem('invalid-token', 'a token is needed: Authorization: Bearer att_…', {
        headers: { 'www-authenticate': 'Bearer' },
      });
    const token = await findHolder(secret, context.req.path);
    const headers = await limits.afterToken(secret, { isValid: token !== undefined, path: context.req.path });
    if (!token) throw invalidToken();
    note(token);
    const hash = hashOfToken(secret);
    context.env.broughtToken(hash);
    context.set('token', token);
    context.set('tokenHash', hash);
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  });
}

/** The owner of the workers that a token registers. */
export function ownerOf({ id, name }: TokenHolder): string {
  return `token:${id ?? name}`;
}

export function allows(token: TokenHolder, scope: Scope): boolean {
  return token.scopes.includes('admin') || token.scopes.includes(scope);
}

/** Middleware that lets a request pass if its token has one of the scopes. */
export function requires(...scopes: readonly Scope[]) {
  return createMiddleware<AppEnv>(async (context, next) => {
    const token = context.get('token');
    if (!scopes.some((scope) => allows(token, scope)))
      throw new Problem(
        'missing-scope',
        `token '${token.name}' has no scope '${scopes.join("' or '")}' (it has: ${token.scopes.join(', ')})`,
      );
    await next();
  });
}
