import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createToken, findTokenOf } from '#control-plane/api/auth.ts';
import type { AdminStore } from '#domain/admin-store.ts';

/**
 * Makes an admin token if the store has no token at all. Only its hash is kept, so this is the only time that it can be
 * shown.
 */
export async function createFirstToken(store: AdminStore): Promise<string | undefined> {
  const { secret, token } = createToken('admin', ['admin']);
  return (await store.saveFirstToken(token)) && secret;
}

/** The admin token of whoever starts --standalone, and whether it was made now. */
export interface OwnToken {
  readonly secret: string;
  readonly isNew: boolean;
}

/**
 * The token that is kept in a file of the data directory, beside the key that opens everything there. A token is made when
 * there is none, or the one in the file is worth nothing any more.
 */
export async function ownToken(store: AdminStore, path: string): Promise<OwnToken> {
  const kept = readKept(path);
  if (kept !== undefined && (await findTokenOf(store, kept))) return { secret: kept, isNew: false };
  const secret = (await createFirstToken(store)) ?? (await createAnother(store));
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return { secret, isNew: true };
}

async function createAnother(store: AdminStore): Promise<string> {
  const { secret, token } = createToken(`standalone-${randomBytes(4).toString('hex')}`, ['admin']);
  await store.saveToken(token);
  return secret;
}

function readKept(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined; /* the first start, or somebody has removed it */
  }
}
