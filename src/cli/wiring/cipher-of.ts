import type { Config } from '#config/schema.ts';
import { createCipher } from '#crypto/cipher.ts';
import type { Cipher } from '#domain/cipher.ts';

/** Undefined: no key to encrypt with is configured. */
export function cipherOf({ security }: Config): Cipher | undefined {
  return security.encryption_key === undefined ? undefined : createCipher(security.encryption_key);
}
