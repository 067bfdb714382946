import { randomBytes } from 'node:crypto';
import { sha256Of } from './sha256.ts';

/**
 * Makes a token of the API, and the hash that is stored of it. It has 256 random bits, so nothing slower than SHA-256
 * is needed.
 */
export function createSecret(): { readonly secret: string; readonly hash: string } {
  const secret = `att_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashOfToken(secret) };
}

/** The SHA-256 of a token in hexadecimal digits, which is what the database stores. */
export function hashOfToken(secret: string): string {
  return sha256Of(secret);
}
