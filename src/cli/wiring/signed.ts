import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isSignedBy, readPublicKey } from '#crypto/signature.ts';

interface SignatureOptions {
  readonly publicKey: string | undefined;
  readonly signature: string | undefined;
}

/**
 * Requires that the key has signed the file, and throws otherwise. Without a key no signature is asked for. The
 * signature is read from `signature`, else from the file beside it that ends in `.sig`.
 */
export async function requireSignature(
  path: string,
  { publicKey, signature }: SignatureOptions,
  name = path,
): Promise<void> {
  if (publicKey === undefined) {
    if (signature !== undefined) throw new Error(`--signature ${signature} says nothing without --public-key`);
    return;
  }
  const beside = signature ?? `${name}.sig`;
  if (!existsSync(beside)) throw new Error(`${name} is not signed: there is no ${beside}`);
  const key = await readPublicKey(publicKey);
  if (!(await isSignedBy(key, path, await readFile(beside, 'utf8'))))
    throw new Error(`${beside} is not a signature of ${name} by that key`);
}
