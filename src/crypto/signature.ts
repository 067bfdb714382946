import { createPublicKey, createVerify, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/**
 * Tells whether `signature` is that of the file by the key: ECDSA P-256 with SHA-256, DER in base64, as cosign and
 * openssl write it. Rejects with the error of the file system.
 */
export async function isSignedBy(key: KeyObject, path: string, signature: string): Promise<boolean> {
  const verifier = createVerify('sha256');
  await pipeline(createReadStream(path), verifier);
  return verifier.verify(key, Buffer.from(signature, 'base64'));
}

/** Reads a public key from a PEM text or from the file that holds it. Rejects with one sentence for people. */
export async function readPublicKey(given: string): Promise<KeyObject> {
  const text = given.includes('-----BEGIN') ? given : await readFile(given, 'utf8');
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch (error) {
    throw new Error(`${given} is no public key in PEM`, { cause: error });
  }
  if (text.includes('PRIVATE KEY')) throw new Error(`${given} is a private key: give out the public one only`);
  return key;
}
