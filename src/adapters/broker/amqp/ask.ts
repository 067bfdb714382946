import { explainTlsError } from '#adapters/tls-options.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import { openSession } from './session.ts';

/** Patterns of what amqplib and the broker say, and what that means. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nobody listens there: is the broker up, and the port right?'],
  [/ENOTFOUND|EAI_AGAIN|getaddrinfo/, 'its host name does not resolve'],
  [/ETIMEDOUT|within \d+ s/, 'it does not answer: is a firewall in between, or is it another service?'],
  [/ACCESS_REFUSED|403/, 'user or password are wrong, or the user may not use this virtual host'],
  [/NOT_ALLOWED|530|vhost|ConnectionOpenOk/, 'there is no such virtual host, or the user may not use it'],
  [/closed abruptly|ECONNRESET/, 'it closed the connection: is it another service, or one that wants TLS (amqps)?'],
];

/**
 * Tries a broker by connecting to it and leaving again. Rejects with one sentence for people; the password is not in
 * it.
 */
export async function askAmqp(url: string): Promise<void> {
  try {
    const session = await openSession(url, { now: Date.now, service: 'doctor' });
    await session.close();
  } catch (error) {
    const said = `${codeOf(error) ?? ''} ${messageOf(error)}`.trim() || 'no connection';
    const cause = explainTlsError(said) ?? causes.find(([pattern]) => pattern.test(said))?.[1];
    const where = `broker ${new URL(url).host}`;
    throw new Error(cause === undefined ? `${where}: ${said}` : `${where}: ${cause} (${said})`, { cause: error });
  }
}
