import { explainBrokerError } from './explain-error.ts';
import { openSession } from './session.ts';

/**
 * Tries a broker by connecting to it and leaving again. Rejects with one sentence for people; the password is not in
 * it.
 */
export async function askAmqp(url: string): Promise<void> {
  try {
    const session = await openSession(url, { now: Date.now, service: 'doctor' });
    await session.close();
  } catch (error) {
    throw new Error(explainBrokerError(error, url), { cause: error });
  }
}
