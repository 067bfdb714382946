import { createHmac } from 'node:crypto';

/** Signs claims as a JSON Web Token with HS256 (RFC 7515). The key is the secret in UTF-8. */
export function signJsonWebToken(claims: Readonly<Record<string, unknown>>, secret: string): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
