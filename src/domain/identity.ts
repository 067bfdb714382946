import { isRecord } from './record.ts';
import type { Result } from './result.ts';

/** What a login that has begun must be finished with, which the browser keeps until then. */
export interface LoginChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Somebody whom a provider has identified. */
export interface Identity {
  readonly subject: string;
  /** What people call him, as the provider says. */
  readonly name: string;
  /** Everything that the provider says of him. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A provider of OpenID Connect, with which people log in. */
export interface IdentityProvider {
  /** Begins a login: where the browser goes, and what the end is checked with. */
  begin(returnTo: string): Promise<Result<{ readonly url: string; readonly checks: LoginChecks }, string>>;
  /** Finishes a login with the address at which the browser has come back. */
  finish(cameBackAt: string, checks: LoginChecks): Promise<Result<Identity, string>>;
  /** Where the browser ends the session at the provider too; undefined: it has no such place, or is away. */
  endOf(returnTo: string): Promise<string | undefined>;
}

/** A claim, by its name or by a path with dots that leads into objects; undefined: there is none. */
export function claimOf(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  const inside = (inner: unknown, key: string): unknown => (isRecord(inner) ? inner[key] : undefined);
  return claims[name] ?? name.split('.').reduce(inside, claims);
}
