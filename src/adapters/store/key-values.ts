import type { Cipher } from '#domain/cipher.ts';
import { messageOf } from '#domain/errors.ts';

/** A key as both databases select it for an execution. */
export interface KeyRow {
  readonly ref: string;
  readonly owner_type: string;
  readonly name: string;
  readonly encrypted: boolean | number;
  readonly encryption_key_hash: string | null;
  readonly value: unknown;
}

const narrowness: readonly string[] = ['system', 'pack', 'action'];

interface KeyValues {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly keysProblem: string | undefined;
}

/**
 * Reads the values of keys by name, where a key of the action wins over the pack's and the pack's over the system's.
 * `keysProblem` says why a value cannot be decrypted.
 */
export function readKeys(rows: readonly KeyRow[], cipher: Cipher | undefined): KeyValues {
  const ordered = rows.toSorted((a, b) => narrowness.indexOf(a.owner_type) - narrowness.indexOf(b.owner_type));
  try {
    return {
      keys: Object.fromEntries(ordered.map((row) => [row.name, decryptKey(row, cipher)])),
      keysProblem: undefined,
    };
  } catch (error) {
    return { keys: {}, keysProblem: messageOf(error) };
  }
}

function decryptKey({ ref, encrypted, encryption_key_hash: hash, value }: KeyRow, cipher: Cipher | undefined): unknown {
  if (!encrypted) return value;
  const fix = 'set ATTUNE__SECURITY__ENCRYPTION_KEY to that of the server';
  if (!cipher) throw new Error(`key ${ref} is encrypted, and there is no key to decrypt it: ${fix}`);
  if (hash !== null && hash !== cipher.keyHash) throw new Error(`key ${ref} was encrypted with another key: ${fix}`);
  try {
    return JSON.parse(cipher.decrypt(String(value)));
  } catch (error) {
    throw new Error(`key ${ref} cannot be decrypted: store it again`, { cause: error });
  }
}

/** Encrypts a value, and names the encryption key by its hash, as both are stored. */
export function encryptValue(value: unknown, cipher: Cipher): { readonly hash: string; readonly value: string } {
  return { hash: cipher.keyHash, value: cipher.encrypt(JSON.stringify(value ?? null)) };
}
