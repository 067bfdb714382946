import { randomBytes } from 'node:crypto';
import { sha256Of } from './sha256.ts';

/** A token of the API, and what is stored of it. 256 random bits: nothing slower than SHA-256 is needed. */
export function createSecret(): { readonly secret: string; readonly hash: string } {
  const secret = `att_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashOfToken(secret) };
}

/** SHA-256, as hex digits. */
export function hashOfToken(secret: string): string {
  return sha256Of(secret);
}
