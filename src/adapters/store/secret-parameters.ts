import type { Parameters } from '#domain/action.ts';
import type { Cipher, Place } from '#domain/cipher.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { isRecord } from '#domain/record.ts';
import { decryptValue, encryptValue, type SelectedKey } from './key-values.ts';

/** All parameters of an execution, encrypted: the column `encrypted_config`. */
export interface EncryptedParameters {
  readonly hash: string;
  readonly value: string;
}

/** Reads the column where it is text. */
export function readEncryptedParameters(column: string | null): EncryptedParameters | null {
  return column === null ? null : (JSON.parse(column) as EncryptedParameters);
}

/**
 * Encrypts the parameters of a request of which some are secret; undefined where none is. Throws without a cipher: no
 * secret is stored as it is.
 */
export function encryptParameters(
  { unmasked }: Pick<ExecutionRequest, 'unmasked'>,
  execution: ExecutionId,
  cipher: Cipher | undefined,
): EncryptedParameters | undefined {
  if (unmasked === undefined) return undefined;
  if (!cipher) throw new Error('there is no key to encrypt secret parameters with');
  return encryptValue(unmasked, placeOf(execution), cipher);
}

/** Decrypts the parameters of an execution. Throws a sentence that says how to mend it. */
export function decryptParameters(
  execution: ExecutionId,
  { hash, value }: EncryptedParameters,
  cipher: Cipher | undefined,
): Parameters {
  const what = `the secret parameters of execution ${execution}`;
  const found = decryptValue({ what, hash, value, place: placeOf(execution) }, cipher);
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

/** Divides what a claim brings as keys into keys and the encrypted parameters. */
export function splitKeys(all: readonly SelectedKey[] | null): {
  readonly owned: readonly SelectedKey[];
  readonly encrypted: EncryptedParameters | undefined;
} {
  const owned = (all ?? []).filter((one) => one.owner_type !== OWNER_TYPE);
  const found = all?.find((one) => one.owner_type === OWNER_TYPE);
  return { owned, encrypted: found && { hash: found.encryption_key_hash ?? '', value: String(found.value) } };
}

/** No key of somebody has this owner. */
const OWNER_TYPE = 'execution';

function placeOf(execution: ExecutionId): Place {
  return ['execution', 'encrypted_config', execution];
}
