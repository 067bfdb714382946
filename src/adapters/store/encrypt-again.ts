import type { Cipher, Ciphers, Place } from '#domain/cipher.ts';

/** A value that is not bound to its place, with that place. */
export interface UnboundRow {
  readonly id: string | number;
  readonly hash: string | null;
  readonly old: string;
  readonly place: Place;
}

/** Encrypts values again for their places. Those of another key are left out. */
export function boundRows(rows: readonly UnboundRow[], { joined }: Ciphers, cipher: Cipher) {
  return rows.flatMap(({ id, hash, old, place }) => {
    if (hash !== null && !cipher.isKeyOf(hash)) return [];
    try {
      return [{ id, old, hash: cipher.keyHash, value: cipher.encrypt(joined.decrypt(old, place), place) }];
    } catch {
      return [];
    }
  });
}
