import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import type { EncryptedAgain } from '#domain/admin-store.ts';
import type { Ciphers } from '#domain/cipher.ts';
import { runtimeTemplates } from '#execution/environments/execution-config.ts';
import { createFirstToken } from './first-token.ts';

export interface Filled {
  /** The first token; undefined if there is one already. */
  readonly token: string | undefined;
  /** Undefined if nothing was to be encrypted again. */
  readonly again: EncryptedAgain | undefined;
}

/**
 * Fills a database of our own that was just migrated: with the runtimes that the agent knows and the first token. With
 * ciphers, what earlier versions have encrypted is encrypted again.
 */
export async function fillDatabase(url: string, ciphers: Ciphers | undefined): Promise<Filled> {
  await using store = openPostgresStore(url, { ciphers });
  await store.saveRuntimes(runtimeTemplates());
  const again = ciphers && (await store.encryptAgain());
  return { token: await createFirstToken(store), again };
}

/** Describes in lines with what a database was filled. */
export function describeFilled({ token, again }: Filled): string {
  const left = again === undefined || again.left === 0 ? '' : `; ${again.left} of another key are left as they are`;
  return [
    ...(again === undefined ? [] : [`encrypted again: ${again.encrypted} values${left}\n`]),
    ...(token === undefined ? [] : [`token ${token} (admin; shown this once)\n`]),
  ].join('');
}
