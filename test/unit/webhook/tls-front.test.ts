import { expect, test } from 'bun:test';
import { once } from 'node:events';
import { connect as connectPlainly, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { systemClock } from '#cli/wiring/clock.ts';
import { until } from '#test/support/until.ts';
import { makeAuthority, makeServerCertificate } from '#webhook/certificates.ts';
import { FRONT_BOUNDS, openTlsFront } from '#webhook/tls-front.ts';

test('certificates are exchanged again and again while requests come, and none is lost', async () => {
  const authority = await makeAuthority(Date.now());
  const make = async () => await makeServerCertificate(authority, ['localhost'], Date.now());
  const [first, second] = await Promise.all([make(), make()]);
  using behind = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => new Response(await request.text()),
  });
  const options = { host: '127.0.0.1', port: 0, behind: behind.port ?? 0, clock: systemClock, bounds: FRONT_BOUNDS };
  const front = await openTlsFront(first, options);
  const body = 'x'.repeat(300_000);
  const seen = new Set<string>();
  for (let round = 0; round < 20; round++) {
    front.use(round % 2 === 0 ? second : first);
    const asking = Array.from({ length: 8 }, async () => {
      const tls = { ca: authority.certificate };
      const answer = await fetch(`https://localhost:${front.port}`, { method: 'POST', body, tls, keepalive: false });
      return (await answer.text()) === body;
    });
    expect(await Promise.all(asking)).toEqual(asking.map(() => true));
    seen.add(await serialOf(front.port));
  }
  expect(seen.size).toBe(2);
  expect(() => front.use({ certificate: 'nonsense', key: '' })).toThrow();
  await front.close();
  expect(await serialOf(front.port).catch(() => 'closed')).toBe('closed');
});

test('who says nothing, or asks so slowly that nobody can answer, is sent away, and makes room for others', async () => {
  const authority = await makeAuthority(Date.now());
  const certificate = await makeServerCertificate(authority, ['localhost'], Date.now());
  using behind = Bun.serve({ port: 0, hostname: '127.0.0.1', idleTimeout: 0, fetch: () => new Response('ok') });
  const front = await openTlsFront(certificate, {
    host: '127.0.0.1',
    port: 0,
    behind: behind.port ?? 0,
    clock: systemClock,
    bounds: { most: 3, handshakeMs: 3000, answerMs: 3000, silenceMs: 600_000 },
  });
  const plain = connectPlainly(front.port, '127.0.0.1');
  const silent = connect({ host: '127.0.0.1', port: front.port, rejectUnauthorized: false });
  const slow = connect({ host: '127.0.0.1', port: front.port, rejectUnauthorized: false });
  const ended = Promise.all([plain, silent, slow].map(endOf));
  slow.write('GET / HTTP/1.1\r\nhost: x\r\nx: ');
  await until('who is slow is sent away', () => {
    slow.write('x');
    return slow.destroyed;
  });
  await ended;
  await until('there is room again', async () => {
    const asked = fetch(`https://localhost:${front.port}`, { tls: { ca: authority.certificate }, keepalive: false });
    return (await asked.then(({ status }) => status).catch(() => 0)) === 200;
  });
  await front.close();
});

test('who holds all connections, with or without a handshake, loses the oldest, and another one is answered', async () => {
  const authority = await makeAuthority(Date.now());
  const certificate = await makeServerCertificate(authority, ['localhost'], Date.now());
  using behind = Bun.serve({ port: 0, hostname: '127.0.0.1', idleTimeout: 0, fetch: () => new Response('ok') });
  const bounds = { most: 3, handshakeMs: 600_000, answerMs: 600_000, silenceMs: 600_000 };
  const options = { host: '127.0.0.1', port: 0, behind: behind.port ?? 0, clock: systemClock, bounds };
  const front = await openTlsFront(certificate, options);
  const tls = { ca: authority.certificate };
  const asks = async (): Promise<number> =>
    (await fetch(`https://localhost:${front.port}`, { tls, keepalive: false })).status;
  for (const hasHandshake of [false, true]) {
    const address = { host: '127.0.0.1', port: front.port };
    const many = Array.from({ length: 3 }, () =>
      hasHandshake ? connect({ ...address, rejectUnauthorized: false }) : connectPlainly(address),
    );
    const ended = many.map(endOf);
    for (const one of many) await once(one, hasHandshake ? 'secureConnect' : 'connect');
    for (const one of many) one.write(hasHandshake ? 'POST /mutate HTTP/1.1\r\n' : '\x16');
    for (let n = 0; n < 5; n++) expect(await asks()).toBe(200);
    await Promise.any(ended);
    for (const one of many) one.destroy();
  }
  await front.close();
});

async function endOf(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => {}).on('close', () => resolve());
  socket.resume();
  await promise;
}

async function serialOf(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.end();
  });
  socket.on('error', reject);
  return await promise;
}
