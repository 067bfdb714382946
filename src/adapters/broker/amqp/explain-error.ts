import { explainTlsError } from '#adapters/tls-options.ts';
import { codeOf, messageOf } from '#domain/errors.ts';

/** Patterns of what amqplib and the broker say, and what that means. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nobody listens there: is the broker up, and the port right?'],
  [/ENOTFOUND|EAI_AGAIN|getaddrinfo/, 'its host name does not resolve'],
  [/ETIMEDOUT|within \d+ s/, 'it does not answer: is a firewall in between, or is it another service?'],
  [/access to (?:exchange|queue|topic)\b.* refused/, 'the user lacks a permission'],
  [/ACCESS_REFUSED|403/, 'user or password are wrong, or the user may not use this virtual host'],
  [/NOT_ALLOWED|530|vhost|ConnectionOpenOk/, 'there is no such virtual host, or the user may not use it'],
  [/closed abruptly|ECONNRESET/, 'it closed the connection: is it another service, or one that wants TLS (amqps)?'],
];

/** Explains in one sentence why no session with the broker at `url` was opened, without its password. */
export function explainBrokerError(error: unknown, url: string): string {
  const said = `${codeOf(error) ?? ''} ${messageOf(error)}`.trim() || 'no connection';
  const cause = explainTlsError(said) ?? causes.find(([pattern]) => pattern.test(said))?.[1];
  const where = `broker ${new URL(url).host}`;
  return cause === undefined ? `${where}: ${said}` : `${where}: ${cause} (${said})`;
}
