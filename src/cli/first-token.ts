import type { AdminStore } from '#domain/admin-store.ts';
import { createToken } from '#server/auth.ts';

/** An admin's, where there is no token at all. Only its hash is kept: it is shown this once. */
export async function createFirstToken(store: AdminStore): Promise<string | undefined> {
  const { secret, token } = createToken('admin', ['admin']);
  return (await store.saveFirstToken(token)) && secret;
}
