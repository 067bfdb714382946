import { createCipheriv, createHash, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;

/** As the existing control plane does it: AES-256-GCM, the key is SHA-256 of the secret; Base64(nonce12‖ciphertext‖tag). */
export function encrypt(text: string, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', createHash('sha256').update(secret).digest(), nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Tells which secret a value was encrypted with, without telling the secret. */
export function encryptionKeyHash(secret: string): string {
  return createHash('sha256').update(createHash('sha256').update(secret).digest()).digest('hex');
}
