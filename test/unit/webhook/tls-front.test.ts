import { expect, test } from 'bun:test';
import { connect } from 'node:tls';
import { systemClock } from '#cli/wiring/clock.ts';
import { makeAuthority, makeServerCertificate } from '#webhook/certificates.ts';
import { openTlsFront } from '#webhook/tls-front.ts';

test('certificates are exchanged again and again while requests come, and none is lost', async () => {
  const authority = await makeAuthority(Date.now());
  const make = async () => await makeServerCertificate(authority, ['localhost'], Date.now());
  const [first, second] = await Promise.all([make(), make()]);
  using behind = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => new Response(await request.text()),
  });
  const options = { host: '127.0.0.1', port: 0, behind: behind.port ?? 0, clock: systemClock };
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

async function serialOf(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.end();
  });
  socket.on('error', reject);
  return await promise;
}
