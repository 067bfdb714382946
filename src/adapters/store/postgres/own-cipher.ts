import type { Cipher } from '#domain/cipher.ts';
import type { Caller, Connected } from './connect.ts';

/** The cipher of a database of our own; undefined where no secret is configured. */
export async function ownCipher({ sql, ciphers }: Connected & Pick<Caller, 'ciphers'>): Promise<Cipher | undefined> {
  return await ciphers?.own(async () => {
    const [row] = await sql<{ salt: string | null }[]>`SELECT agent_encryption_salt() AS salt`;
    if (!row?.salt) throw new Error('the table encryption_salt has no row: run attune-agent migrate');
    return row.salt;
  });
}
