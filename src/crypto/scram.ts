import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { preparePassword } from './saslprep.ts';

const ITERATIONS = 4096;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * Makes what PostgreSQL keeps of a password (SCRAM-SHA-256), so that the password itself is neither sent to the
 * server nor written to its log.
 */
export async function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): Promise<string> {
  const salted = pbkdf2Sync(await preparePassword(password), salt, ITERATIONS, HASH_BYTES, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}
