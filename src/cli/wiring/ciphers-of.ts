import type { Config } from '#config/schema.ts';
import { createCiphers } from '#crypto/cipher.ts';
import type { Ciphers } from '#domain/cipher.ts';

/** The ciphers of the configured key, or undefined if no key is configured. */
export function ciphersOf({ security }: Config): Ciphers | undefined {
  return security.encryption_key === undefined ? undefined : createCiphers(security.encryption_key);
}
