import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { signWebhook } from '#crypto/webhook-signature.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import { startTimer } from '#domain/timer.ts';
import type { SendOutcome, WebhookMessage, WebhookSender } from '#domain/webhook.ts';
import { type OutsideAddress, resolveOutside } from './outside.ts';

/** Milliseconds for the whole of a message and its answer. */
const SEND_MS = 10_000;
/** The status decides: of the rest of an answer, which nobody reads, so many bytes and milliseconds are waited for. */
const MOST_ANSWER_BYTES = 64 * 1024;
const REST_MS = 1000;

interface SenderOptions {
  /** Networks that are allowed although they are not public. */
  readonly allowNetworks: readonly string[];
  readonly userAgent: string;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Makes a sender of signed messages. The name of an address is looked up once and the connection made to what was found,
 * so that no second answer of a name server leads inside; no redirection is followed, and no proxy asked.
 */
export function createWebhookSender({ allowNetworks, userAgent, clock }: SenderOptions): WebhookSender {
  const flawOf: WebhookSender['flawOf'] = async (text) => {
    const url = readUrl(text);
    if (typeof url === 'string') return url;
    const resolved = await resolveOutside(url.hostname, allowNetworks);
    return resolved.kind === 'refused' ? resolved.problem : undefined;
  };
  const send = async (message: WebhookMessage): Promise<SendOutcome> => {
    const url = readUrl(message.url);
    if (typeof url === 'string') return { kind: 'refused', problem: url };
    const resolved = await resolveOutside(url.hostname, allowNetworks);
    if (resolved.kind === 'refused') return resolved;
    if (resolved.kind === 'unknown') return { kind: 'failed', problem: resolved.problem };
    const at = Math.floor(clock.now() / 1000);
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(message.body)),
      'user-agent': userAgent,
      'webhook-id': message.id,
      'webhook-timestamp': String(at),
      'webhook-signature': signWebhook(message.secret, { ...message, at }),
    };
    return await post(url, { addresses: resolved.addresses, headers, body: message.body });
  };
  return { flawOf, send };
}

/** The URL, or why it is none to send to. */
function readUrl(text: string): URL | string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return 'expected a URL that begins with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'a user or password in a URL is not sent: leave it out';
  return url;
}

interface Post {
  readonly addresses: readonly OutsideAddress[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function post(url: URL, { addresses, headers, body }: Post): Promise<SendOutcome> {
  const { promise, resolve } = Promise.withResolvers<SendOutcome>();
  const timers = [
    startTimer(SEND_MS, () => resolve({ kind: 'failed', problem: `no answer within ${SEND_MS / 1000} s` })),
  ];
  const sent = (url.protocol === 'https:' ? requestHttps : requestHttp)(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? undefined : url.port,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host },
      agent: false,
      lookup: (_name, _options, found) => found(null, [...addresses]),
    },
    (answer) => {
      let bytes = 0;
      const done = (): void => resolve({ kind: 'answered', status: answer.statusCode ?? 0 });
      answer.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > MOST_ANSWER_BYTES) done();
      });
      answer.on('end', done).on('close', done).on('error', done);
      timers.push(startTimer(REST_MS, done));
    },
  );
  sent.on('error', (error) => resolve({ kind: 'failed', problem: messageOf(error) }));
  sent.end(body);
  try {
    return await promise;
  } finally {
    for (const timer of timers) timer.stop();
    sent.destroy();
  }
}
