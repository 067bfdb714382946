import { createHash, randomBytes } from 'node:crypto';

/** A token of the API, and what is stored of it. 256 random bits: nothing slower than SHA-256 is needed. */
export function createSecret(): { readonly secret: string; readonly hash: string } {
  const secret = `att_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashOfToken(secret) };
}

/** SHA-256, as hex digits. */
export function hashOfToken(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
