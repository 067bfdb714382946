import { createToken } from '#control-plane/api/auth.ts';
import type { AdminStore } from '#domain/admin-store.ts';

/** An admin's, where there is no token at all. Only its hash is kept: it is shown this once. */
export async function createFirstToken(store: AdminStore): Promise<string | undefined> {
  const { secret, token } = createToken('admin', ['admin']);
  return (await store.saveFirstToken(token)) && secret;
}
