import { expect, test } from 'bun:test';
import { Webhook } from 'standardwebhooks';
import { createWebhookSender } from '#adapters/webhooks/sender.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import { createWebhookSecret } from '#crypto/webhook-signature.ts';

const body = '{"type":"webhook.test"}';
const secret = createWebhookSecret();
const loopback = createWebhookSender({ allowNetworks: ['127.0.0.0/8'], userAgent: 'test', clock });
const public_ = createWebhookSender({ allowNetworks: [], userAgent: 'test', clock });

function receive(answer: (request: Request) => Response | Promise<Response>) {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer });
  return { url: `http://127.0.0.1:${server.port}/hook?a=1`, [Symbol.dispose]: () => void server.stop(true) };
}

test('a message reaches its receiver as it was signed, by a library of the Standard Webhooks', async () => {
  const got: { text: string; headers: Record<string, string>; url: string }[] = [];
  using receiver = receive(async (request) => {
    const headers = Object.fromEntries(request.headers as unknown as Iterable<[string, string]>);
    got.push({ text: await request.text(), headers, url: request.url });
    return new Response(null, { status: 204 });
  });
  expect(await loopback.send({ url: receiver.url, secret, id: 'msg_1', body })).toEqual({
    kind: 'answered',
    status: 204,
  });
  const [one] = got;
  expect(one?.url).toBe(receiver.url);
  expect(new Webhook(secret).verify(one?.text ?? '', one?.headers ?? {})).toEqual({ type: 'webhook.test' });
  expect(() => new Webhook(createWebhookSecret()).verify(one?.text ?? '', one?.headers ?? {})).toThrow();
});

test('a redirection is not followed, and an answer without end is not read to it', async () => {
  let calls = 0;
  using receiver = receive(() => {
    calls += 1;
    return new Response(null, { status: 307, headers: { location: '/hook' } });
  });
  expect(await loopback.send({ url: receiver.url, secret, id: 'msg_1', body })).toMatchObject({ status: 307 });
  expect(calls).toBe(1);
  using flood = receive(() => {
    const stream = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(16 * 1024)) });
    return new Response(stream);
  });
  expect(await loopback.send({ url: flood.url, secret, id: 'msg_1', body })).toMatchObject({ status: 200 });
  using silent = receive(() => new Response(new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(1)) })));
  expect(await loopback.send({ url: silent.url, secret, id: 'msg_1', body })).toMatchObject({ status: 200 });
});

test('nothing is sent to an address that is not public, nor by another protocol, nor with a password', async () => {
  let calls = 0;
  using receiver = receive(() => {
    calls += 1;
    return new Response();
  });
  const port = new URL(receiver.url).port;
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '127.0.0.1.'])
    expect(await public_.send({ url: `http://${host}:${port}/`, secret, id: 'msg_1', body })).toMatchObject({
      kind: 'refused',
    });
  for (const url of ['ftp://example.com/', 'file:///etc/passwd', 'http://user:password@example.com/', 'nothing']) {
    expect(await loopback.send({ url, secret, id: 'msg_1', body })).toMatchObject({ kind: 'refused' });
    expect(await loopback.flawOf(url)).toBeDefined();
  }
  expect(calls).toBe(0);
});

test('nobody there is a failure, which may pass', async () => {
  expect(await loopback.send({ url: 'http://127.0.0.1:1/', secret, id: 'msg_1', body })).toMatchObject({
    kind: 'failed',
  });
});
