import type { Parameters } from '#domain/action.ts';
import type { Cipher, Place } from '#domain/cipher.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { isRecord } from '#domain/record.ts';
import { decryptKey, decryptValue, encryptValue, type KeyRow, type SelectedKey } from './key-values.ts';

/** All parameters of an execution, encrypted: the column `encrypted_config`. */
export interface EncryptedParameters {
  readonly hash: string;
  readonly value: string;
  /** The refs of keys, by the names of parameters that get their values. Altered, they make `value` unreadable. */
  readonly keys?: ParameterKeys | undefined;
}

type ParameterKeys = NonNullable<ExecutionRequest['parameterKeys']>;

/** Reads the column where it is text. What is no JSON cannot be decrypted, which fails its execution alone. */
export function readEncryptedParameters(column: string | null): EncryptedParameters | null {
  if (column === null) return null;
  try {
    return JSON.parse(column) as EncryptedParameters;
  } catch {
    return { hash: '', value: '' };
  }
}

/**
 * Encrypts the parameters of a request of which some are secret; undefined where none is. Throws without a cipher: no
 * secret is stored as it is.
 */
export function encryptParameters(
  { unmasked, parameterKeys }: Pick<ExecutionRequest, 'unmasked' | 'parameterKeys'>,
  execution: ExecutionId,
  cipher: Cipher | undefined,
): EncryptedParameters | undefined {
  if (unmasked === undefined) return undefined;
  if (!cipher) throw new Error('there is no key to encrypt secret parameters with');
  const { hash, value } = encryptValue(unmasked, placeOf(execution, parameterKeys), cipher);
  return { hash, value, ...(parameterKeys && { keys: parameterKeys }) };
}

/** Decrypts the parameters of an execution. Throws a sentence that says how to mend it. */
export function decryptParameters(
  execution: ExecutionId,
  { hash, value, keys }: EncryptedParameters,
  cipher: Cipher | undefined,
): Parameters {
  const what = `the secret parameters of execution ${execution}`;
  const found = decryptValue({ what, hash, value, place: placeOf(execution, keys) }, cipher);
  return isRecord(found) ? found : {};
}

/**
 * The encrypted parameters as one more key of a claimed execution: an agent that is older than they are cannot decrypt
 * it, says so, and does not run the action with masks for secrets.
 */
export function asKey(execution: string | number, { hash, value }: EncryptedParameters): SelectedKey {
  const ref = `of the secret parameters of execution ${execution}`;
  return { ref, owner_type: OWNER_TYPE, name: '', encrypted: true, encryption_key_hash: hash, value };
}

/** A key whose value a parameter of one execution gets, as both databases select it by its ref. */
export interface ReferencedKey {
  readonly ref: string;
  readonly parameter: string;
  /** Null: the key has been deleted since. */
  readonly found: KeyRow | null;
}

/**
 * A referenced key as one more key of a claimed execution: an agent that is older than such references cannot decrypt
 * what has this owner, says so, and does not run the action without its secret.
 */
export function asReference({ ref, parameter, found }: ReferencedKey): SelectedKey {
  const { encryption_key_hash = null, value = null } = found ?? {};
  const named = { ref, owner_type: REFERENCE_TYPE, name: parameter, encrypted: true };
  return { ...named, encryption_key_hash, value, referenced: found };
}

/** What a claim brings as keys, divided. */
interface Divided {
  readonly owned: readonly SelectedKey[];
  readonly encrypted: EncryptedParameters | undefined;
  readonly referenced: readonly SelectedKey[];
}

export function splitKeys(all: readonly SelectedKey[] | null): Divided {
  const rows = all ?? [];
  const referenced = rows.filter((one) => one.owner_type === REFERENCE_TYPE);
  const owned = rows.filter((one) => one.owner_type !== OWNER_TYPE && one.owner_type !== REFERENCE_TYPE);
  const found = rows.find((one) => one.owner_type === OWNER_TYPE);
  const keys = referenced.length === 0 ? undefined : Object.fromEntries(referenced.map((one) => [one.name, one.ref]));
  const encrypted = found && { hash: found.encryption_key_hash ?? '', value: String(found.value), keys };
  return { owned, encrypted, referenced };
}

/** Reads the values of referenced keys, by the names of their parameters. Throws a sentence about one that is gone. */
export function readReferenced(rows: readonly SelectedKey[], cipher: Cipher | undefined): Parameters {
  return Object.fromEntries(
    rows.map(({ name, ref, referenced }) => {
      if (!referenced) throw new Error(`key ${ref}, the value of the parameter ${name}, has been deleted`);
      return [name, decryptKey(referenced, cipher)];
    }),
  );
}

/** No key of somebody has these owners. */
const OWNER_TYPE = 'execution';
const REFERENCE_TYPE = 'parameter';

function placeOf(execution: ExecutionId, keys: ParameterKeys | undefined): Place {
  const refs = Object.entries(keys ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return ['execution', 'encrypted_config', execution, ...refs.flat()];
}
