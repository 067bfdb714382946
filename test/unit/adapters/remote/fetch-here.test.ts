import { expect, test } from 'bun:test';
import { call, Refused, upload } from '#adapters/remote/http.ts';
import { openApi } from '#cli/api-client/api-client.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { workerCalls } from '#wire/worker-calls.ts';

/** A server that sends everybody to another one, and that one, which counts whoever comes. */
function redirecting(status: number) {
  let came = 0;
  const other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => Response.json({ came: ++came }) });
  const first = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      await request.arrayBuffer();
      return new Response(null, { status, headers: { location: `http://localhost:${other.port}/elsewhere` } });
    },
  });
  return {
    address: { url: `http://127.0.0.1:${first.port}`, token: 'att_secret' },
    other: `http://localhost:${other.port}`,
    came: () => came,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([first.stop(true), other.stop(true)]);
    },
  };
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`a client follows an answer with ${status} nowhere, whatever it sends, and says where it leads`, async () => {
    await using servers = redirecting(status);
    const { address, other, came } = servers;
    const api = openApi({ api_url: address.url, api_token: address.token });
    const answers = [
      await api.call('GET', 'executions'),
      await api.call('POST', 'executions', { body: { parameters: { password: 'hunter2' } } }),
      await api.call('POST', 'packs', { body: new Blob(['archive']).stream() }),
      await api.open('artifacts/1'),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ ok: false, error: expect.stringContaining(`redirects to ${other}, and`) });
    expect(came()).toBe(0);
  });
}

test('a worker follows a redirection nowhere, and waits as for a server that is away', async () => {
  await using servers = redirecting(307);
  const { address, came } = servers;
  const stop = new AbortController().signal;
  const sent = [
    call(address, workerCalls.logs, { chunks: [] }),
    upload(address, { path: 'worker/artifacts', headers: {}, bytes: new Blob(['bytes']).stream(), stop }),
  ];
  for (const one of sent) {
    const error: unknown = await one.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).not.toBeInstanceOf(Refused);
  }
  expect(came()).toBe(0);
});
