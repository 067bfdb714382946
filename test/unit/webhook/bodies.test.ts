import { expect, test } from 'bun:test';
import { createReadBody } from '#webhook/bodies.ts';

const KIB = 1024;
const bounds = { most: 64 * KIB, mostInAll: 128 * KIB, wholeWithinMs: 600_000 };

/** A request whose body comes as the test says. */
function aRequest() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (one) => {
      controller = one;
    },
  });
  if (!controller) throw new Error('not started');
  return { request: new Request('http://x', { method: 'POST', body }), sends: controller };
}

const refusal = (status: 400 | 408 | 413 | 503, why: string) => ({
  ok: false as const,
  error: { status, why: expect.stringContaining(why) as string },
});

test('a body is read whole, in pieces of any size', async () => {
  const read = createReadBody(bounds);
  const { request, sends } = aRequest();
  const reading = read(request);
  const pieces = [1, 16 * KIB, 0, 20 * KIB, 3].map((length, i) => new Uint8Array(length).fill(i));
  for (const piece of pieces) sends.enqueue(piece);
  sends.close();
  expect(await reading).toEqual({ ok: true, value: new Uint8Array(Buffer.concat(pieces)) });
  expect(await read(new Request('http://x', { method: 'POST' }))).toEqual({ ok: true, value: new Uint8Array() });
});

test('a body that is too large is refused before its end, and one that breaks off is no body', async () => {
  const read = createReadBody(bounds);
  const large = aRequest();
  const reading = read(large.request);
  large.sends.enqueue(new Uint8Array(64 * KIB));
  large.sends.enqueue(new Uint8Array(1));
  expect(await reading).toEqual(refusal(413, 'more than 65536 bytes'));
  const broken = aRequest();
  const breaking = read(broken.request);
  broken.sends.error(new Error('gone'));
  expect(await breaking).toEqual(refusal(400, 'the connection ended'));
});

test('a body that is not whole in time is refused', async () => {
  const { request, sends } = aRequest();
  sends.enqueue(new Uint8Array(5));
  expect(await createReadBody({ ...bounds, wholeWithinMs: 50 })(request)).toEqual(refusal(408, 'not whole after'));
});

test('unfinished bodies have a bound together: the largest makes room for a smaller one, and what ends for all', async () => {
  const read = createReadBody(bounds);
  const open = Array.from({ length: 8 }, aRequest);
  const reading = open.map(async ({ request }) => await read(request));
  for (const { sends } of open) sends.enqueue(new Uint8Array(1)); /* each takes 16 KiB of memory */
  const large = aRequest();
  large.sends.enqueue(new Uint8Array(17 * KIB));
  expect(await read(large.request)).toEqual(refusal(503, 'ask again'));
  const late = aRequest();
  late.sends.enqueue(new Uint8Array(1));
  const comesLate = read(late.request);
  expect(await reading[0]).toEqual(refusal(503, 'ask again'));
  late.sends.close();
  expect(await comesLate).toEqual({ ok: true, value: new Uint8Array(1) });
  open[1]?.sends.error(new Error('gone'));
  expect(await reading[1]).toEqual(refusal(400, 'the connection ended'));
  const next = aRequest();
  next.sends.enqueue(new Uint8Array(32 * KIB));
  next.sends.close();
  expect((await read(next.request)).ok).toBe(true);
  for (const { sends } of open.slice(2)) sends.close();
  const ended = await Promise.all(reading.slice(2));
  expect(ended.every(({ ok }) => ok)).toBe(true);
});
