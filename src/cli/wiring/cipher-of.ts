import type { Config } from '#config/schema.ts';
import { createCipher } from '#crypto/cipher.ts';
import type { Cipher } from '#domain/cipher.ts';

/** The cipher of the configured key, or undefined if no key is configured. */
export function cipherOf({ security }: Config): Cipher | undefined {
  return security.encryption_key === undefined ? undefined : createCipher(security.encryption_key);
}
