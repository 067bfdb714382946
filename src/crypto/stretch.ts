import { scrypt } from 'node:crypto';

/** 32 MiB, and three passes over them: a fraction of a second of one core, once for a process. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 };
const KEY_BYTES = 32;

/** Makes a key of 256 bits of a passphrase and a salt by scrypt, on another thread. */
export async function stretch(passphrase: string, salt: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(passphrase, salt, KEY_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
  return await promise;
}
