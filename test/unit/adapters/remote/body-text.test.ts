import { expect, test } from 'bun:test';
import { bodyText, UnboundedBody } from '#adapters/remote/body-text.ts';
import { openApi } from '#cli/api-client/api-client.ts';
import { systemClock } from '#cli/wiring/clock.ts';

function serving(answer: () => Response) {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', idleTimeout: 0, fetch: answer });
  return { url: server.url.href, [Symbol.asyncDispose]: async () => await server.stop(true) };
}

/** A body that goes on as long as somebody reads it. */
function endless(piece: string, pauseMs: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      await systemClock.sleep(pauseMs, new AbortController().signal);
      controller.enqueue(Buffer.from(piece));
    },
  });
}

test('an answer is read whole, in whatever pieces it comes', async () => {
  await using server = serving(() => new Response(new Blob(['ä'.repeat(100_000)]).stream()));
  expect(await bodyText(await fetch(server.url))).toBe('ä'.repeat(100_000));
  expect(await bodyText(new Response(null))).toBe('');
});

test('an answer without an end is given up, also one that is packed', async () => {
  await using server = serving(() => new Response(endless('x'.repeat(1000), 0)));
  const error: unknown = await bodyText(await fetch(server.url), 1024 * 1024).catch((reason: unknown) => reason);
  expect(error).toEqual(new UnboundedBody('it is longer than 1 MiB'));
  const packed = Bun.gzipSync(Buffer.alloc(8 * 1024 * 1024));
  await using bomb = serving(() => new Response(packed, { headers: { 'content-encoding': 'gzip' } }));
  const other: unknown = await bodyText(await fetch(bomb.url), 1024 * 1024).catch((reason: unknown) => reason);
  expect(other).toBeInstanceOf(UnboundedBody);
});

test('an answer that drips is given up, and the client says so', async () => {
  await using server = serving(() => new Response(endless(' ', 100)));
  const answer = await openApi({ api_url: server.url, api_token: undefined }).call('GET', 'executions');
  expect(answer).toMatchObject({
    ok: false,
    error: expect.stringMatching(/not read to the end: it has brought \d+ b/),
  });
}, 120_000);

test('what is no stream of events is no log, and a stream that ends at once ends the following', async () => {
  await using page = serving(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }));
  const read = async (url: string, type: string): Promise<unknown> => {
    const events = openApi({ api_url: url, api_token: undefined }).events(type, new AbortController().signal);
    return await events.next().catch((reason: unknown) => reason);
  };
  expect(await read(page.url, 'x')).toEqual(
    new Error('it answers something that is no stream of events: is it an Attune server?'),
  );
  await using empty = serving(() => new Response('', { headers: { 'content-type': 'text/event-stream' } }));
  expect(await read(empty.url, 'x')).toEqual(new Error('the server ends the stream again and again, without an event'));
  const bytes = 'data: '.padEnd(1024 * 1024, 'x');
  await using long = serving(
    () => new Response(endless(bytes, 0), { headers: { 'content-type': 'text/event-stream' } }),
  );
  expect(await read(long.url, 'x')).toBeInstanceOf(UnboundedBody);
}, 120_000);
