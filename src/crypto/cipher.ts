import { hkdfSync } from 'node:crypto';
import type { Cipher, Ciphers } from '#domain/cipher.ts';
import { open, seal } from './aes-gcm.ts';
import { sha256Of } from './sha256.ts';
import { stretch } from './stretch.ts';

/** Stands before what is bound to its place. No Base64 has a colon, so it cannot begin an unbound value. */
const BOUND = '2:';

/**
 * Makes the ciphers of a secret, all AES-256-GCM. A secret of 32 bytes in hex digits or Base64 is a key by itself; any
 * other is a passphrase, which scrypt stretches with the salt of the database.
 */
export function createCiphers(secret: string): Ciphers {
  const joined = createJoinedCipher(secret);
  const random = randomKeyOf(secret);
  let made: Promise<Cipher> | undefined;
  const make = async (salt: () => Promise<string>): Promise<Cipher> =>
    createBoundCipher(random ?? (await stretch(secret, await salt())), joined);
  return {
    joined,
    own: (salt) => {
      made ??= make(salt).catch((error: unknown) => {
        made = undefined;
        throw error;
      });
      return made;
    },
  };
}

/**
 * The format of Attune's Rust control plane, and of this program up to 0.1: the key is the SHA-256 of the secret, the
 * text is Base64(nonce12‖ciphertext‖tag).
 */
function createJoinedCipher(secret: string): Cipher {
  const hash = sha256Of(secret);
  const key = Buffer.from(hash, 'hex');
  const hashes = [hash, sha256Of(key)];
  return {
    /* It is the key itself, so only that system's tables get it. */
    keyHash: hash,
    isKeyOf: (given) => hashes.includes(given),
    encrypt: (text) => seal(key, text),
    decrypt: (value) => open(key, value),
  };
}

/** Binds values to their places. It also reads those that `unbound` has encrypted. */
function createBoundCipher(root: Buffer, unbound: Cipher): Cipher {
  const key = derive(root, 'attune-agent values 2');
  const keyHash = derive(root, 'attune-agent key hash 2').toString('hex');
  const bind = (place: readonly unknown[]): Buffer => Buffer.from(JSON.stringify(place));
  return {
    keyHash,
    isKeyOf: (hash) => hash === keyHash || unbound.isKeyOf(hash),
    encrypt: (text, place) => `${BOUND}${seal(key, text, bind(place))}`,
    decrypt: (value, place) =>
      value.startsWith(BOUND) ? open(key, value.slice(BOUND.length), bind(place)) : unbound.decrypt(value, place),
  };
}

function derive(root: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', root, '', purpose, 32));
}

/** The bytes of a secret that is a key of 256 bits; undefined: it is a passphrase. */
function randomKeyOf(secret: string): Buffer | undefined {
  if (/^[\da-f]{64}$/i.test(secret)) return Buffer.from(secret, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(secret)) return undefined;
  const bytes = Buffer.from(secret, 'base64');
  return bytes.length === 32 ? bytes : undefined;
}
