import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts a text with AES-256-GCM, as Base64(nonce12‖ciphertext‖tag); `bound` must be given again to open it. */
export function seal(key: Buffer, text: string, bound: Buffer = Buffer.alloc(0)): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Decrypts what `seal` has made. Throws when the key or `bound` is another, or the value was altered. */
export function open(key: Buffer, value: string, bound: Buffer = Buffer.alloc(0)): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('it is too short to be encrypted');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(bound);
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  return Buffer.concat([text, decipher.final()]).toString('utf8');
}
