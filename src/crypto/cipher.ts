import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Cipher } from '#domain/cipher.ts';
import { sha256Of } from './sha256.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes a cipher for AES-256-GCM in the format of Attune's Rust control plane: the key is the SHA-256 of the secret,
 * the text is Base64(nonce12‖ciphertext‖tag).
 */
export function createCipher(secret: string): Cipher {
  const key = Buffer.from(sha256Of(secret), 'hex');
  return {
    keyHash: sha256Of(key),
    joinedKeyHash: sha256Of(secret),
    encrypt: (text) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
        'base64',
      );
    },
    decrypt: (value) => {
      const bytes = Buffer.from(value, 'base64');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('it is too short to be one');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    },
  };
}
