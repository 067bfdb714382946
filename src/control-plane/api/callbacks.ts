import type { TokenHolder } from '#domain/admin-store.ts';
import { allows } from './auth.ts';
import type { ApiDependencies } from './dependencies.ts';
import { Problem } from './problem.ts';

type CallbackDependencies = Pick<ApiDependencies, 'store' | 'webhooks' | 'settings'>;

/** Checks that a token may be called back at an address, and that its callbacks can be signed. Returns the address. */
export async function checkCallback(
  { store, webhooks, settings }: CallbackDependencies,
  url: string | undefined,
  caller: TokenHolder,
): Promise<string | undefined> {
  if (url === undefined) return undefined;
  const token = callbacksOf(settings, caller);
  const flaw = await webhooks.flawOf(url);
  if (flaw !== undefined) throw refusedAddress('callback_url', flaw);
  if (!(await store.hasCallbackSecret(token)))
    throw new Problem(
      'no-callback-secret',
      `token '${caller.name}' has nothing to sign callbacks with: POST /callback-secret, or attune-agent webhooks callback-secret`,
    );
  return url;
}

/** The id of a token that may ask for callbacks; throws the reason why this one may not. */
export function callbacksOf(
  { callbacks }: Pick<ApiDependencies['settings'], 'callbacks'>,
  caller: TokenHolder,
): string {
  const { id, name, confinedTo } = caller;
  const may =
    callbacks === 'all' ||
    (callbacks === 'unconfined' && !confinedTo) ||
    (callbacks !== 'none' && allows(caller, 'admin'));
  if (may && id !== undefined) return id;
  throw new Problem(
    'callbacks-not-allowed',
    id === undefined
      ? `${name} may ask for no callback: tokens that were made may`
      : `token '${name}' may ask for no callback: webhooks.callbacks of this server is '${callbacks}'`,
  );
}

export function refusedAddress(path: string, message: string): Problem {
  return new Problem('address-refused', `${path}: ${message}`, { errors: [{ path, message }] });
}
