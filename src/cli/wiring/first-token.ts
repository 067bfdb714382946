import { createToken } from '#control-plane/api/auth.ts';
import type { AdminStore } from '#domain/admin-store.ts';

/**
 * Makes an admin token if the store has no token at all. Only its hash is kept, so this is the only time that it can be
 * shown.
 */
export async function createFirstToken(store: AdminStore): Promise<string | undefined> {
  const { secret, token } = createToken('admin', ['admin']);
  return (await store.saveFirstToken(token)) && secret;
}
