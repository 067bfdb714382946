import type { NewKey } from '#domain/admin-store.ts';
import type { Cipher, Place } from '#domain/cipher.ts';
import { messageOf } from '#domain/errors.ts';

/** A key as both databases select it for an execution. */
export interface SelectedKey {
  readonly ref: string;
  readonly owner_type: string;
  readonly name: string;
  readonly encrypted: boolean | number;
  readonly encryption_key_hash: string | null;
  readonly value: unknown;
  /** The key that a request has named for a parameter; null: it is gone; undefined: the request has named none here. */
  readonly referenced?: KeyRow | null;
}

/** A key with the ref of the action or pack whose it is; null: the system's. */
export interface KeyRow extends SelectedKey {
  readonly owner: string | null;
}

/** Says whose the keys of an execution are. They were selected by that. */
export function ownedKeys(
  rows: readonly SelectedKey[] | null,
  { action_ref, pack_ref }: { readonly action_ref: string; readonly pack_ref: string | null },
): readonly KeyRow[] {
  const owners = new Map([
    ['action', action_ref],
    ['pack', pack_ref],
  ]);
  return (rows ?? []).map((row) => ({ ...row, owner: owners.get(row.owner_type) ?? null }));
}

/** The columns of a new key that name it. */
export function keyColumns({ ref, ownerType, owner, name }: NewKey): Parameters<typeof placeOfKey>[0] {
  return { ref, owner_type: ownerType, owner: owner ?? null, name };
}

/** The place of the value of a key. */
export function placeOfKey({ ref, owner_type, owner, name }: Omit<KeyRow, 'value' | keyof Encryption>): Place {
  return ['key', 'value', ref, owner_type, owner, name];
}

type Encryption = Pick<SelectedKey, 'encrypted' | 'encryption_key_hash'>;

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

/** Throws a sentence that says how to mend it. */
export function decryptKey(row: KeyRow, cipher: Cipher | undefined): unknown {
  const { ref, encrypted, encryption_key_hash: hash, value } = row;
  return encrypted ? decryptValue({ what: `key ${ref}`, hash, value, place: placeOfKey(row) }, cipher) : value;
}

interface EncryptedValue {
  /** The beginning of the sentence about an error. */
  readonly what: string;
  /** null or empty: nobody has noted with which key it was encrypted. */
  readonly hash: string | null;
  readonly value: unknown;
  readonly place: Place;
}

/** Decrypts a stored value. Throws a sentence that says how to mend it. */
export function decryptValue({ what, hash, value, place }: EncryptedValue, cipher: Cipher | undefined): unknown {
  const fix = 'set ATTUNE__SECURITY__ENCRYPTION_KEY to that of the server';
  if (!cipher) throw new Error(`${what} is encrypted, and there is no key to decrypt it: ${fix}`);
  if (hash !== null && hash !== '' && !cipher.isKeyOf(hash))
    throw new Error(`${what} was encrypted with another key: ${fix}`);
  try {
    return JSON.parse(cipher.decrypt(String(value), place));
  } catch (error) {
    throw new Error(`${what} cannot be decrypted, as it was altered or stored for something else: store it again`, {
      cause: error,
    });
  }
}

/** Encrypts a value for its place, and names the encryption key by its hash, as both are stored. */
export function encryptValue(
  value: unknown,
  place: Place,
  cipher: Cipher,
): { readonly hash: string; readonly value: string } {
  return { hash: cipher.keyHash, value: cipher.encrypt(JSON.stringify(value ?? null), place) };
}
