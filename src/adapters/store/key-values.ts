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

/** Reads the values of keys as readKeys does, without those that cannot be read; the notes name these and say why. */
export function readReadableKeys(
  rows: readonly KeyRow[],
  cipher: Cipher | undefined,
): { readonly keys: KeyValues['keys']; readonly notes: readonly string[] } {
  const read = rows.map((row) => ({ row, problem: readKeys([row], cipher).keysProblem }));
  const readable = read.flatMap(({ row, problem }) => (problem === undefined ? [row] : []));
  return {
    keys: readKeys(readable, cipher).keys,
    notes: read.flatMap(({ problem }) => (problem === undefined ? [] : [`runs without a key: ${problem}`])),
  };
}

function decryptKey({ ref, encrypted, encryption_key_hash: hash, value }: KeyRow, cipher: Cipher | undefined): unknown {
  return encrypted ? decryptValue({ what: `key ${ref}`, hash, value }, cipher) : value;
}

interface EncryptedValue {
  /** The beginning of the sentence about an error. */
  readonly what: string;
  /** null: nobody has noted with which key it was encrypted. */
  readonly hash: string | null;
  readonly value: unknown;
}

/** Decrypts a stored value. Throws a sentence that says how to mend it. */
export function decryptValue({ what, hash, value }: EncryptedValue, cipher: Cipher | undefined): unknown {
  const fix = 'set ATTUNE__SECURITY__ENCRYPTION_KEY to that of the server';
  if (!cipher) throw new Error(`${what} is encrypted, and there is no key to decrypt it: ${fix}`);
  if (hash !== null && !isOfKey(hash, cipher)) throw new Error(`${what} was encrypted with another key: ${fix}`);
  try {
    return JSON.parse(cipher.decrypt(String(value)));
  } catch (error) {
    throw new Error(`${what} cannot be decrypted: store it again`, { cause: error });
  }
}

/** Tells whether a hash is that of the cipher's key, as this program or as Attune's Rust control plane writes it. */
export function isOfKey(hash: string, { keyHash, joinedKeyHash }: Cipher): boolean {
  return hash === keyHash || hash === joinedKeyHash;
}

/** Encrypts a value, and names the encryption key by its hash, as both are stored. */
export function encryptValue(value: unknown, cipher: Cipher): { readonly hash: string; readonly value: string } {
  return { hash: cipher.keyHash, value: cipher.encrypt(JSON.stringify(value ?? null)) };
}

/** Encrypts a value for Attune's Rust control plane. */
export function encryptJoinedValue(value: unknown, cipher: Cipher): ReturnType<typeof encryptValue> {
  return { ...encryptValue(value, cipher), hash: cipher.joinedKeyHash };
}
