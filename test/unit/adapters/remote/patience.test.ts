import { expect, test } from 'bun:test';
import { withPatience } from '#adapters/remote/patience.ts';
import { createFakeClock, type FakeClock } from '#test/support/fake-clock.ts';

interface Sent {
  readonly first: string;
  /** Sends more. */
  pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void>;
}

/** An answer whose body has begun, and goes on as the test says. */
function answer(clock: FakeClock, { first, pull }: Sent) {
  const body = new ReadableStream<Uint8Array>({
    pull,
    start: (controller) => controller.enqueue(Buffer.from(first)),
  });
  return withPatience(async () => new Response(body), clock);
}

async function readAll(stream: ReadableStream<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of stream ?? []) text += decoder.decode(bytes);
  return text;
}

const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => String(error));

test('a server that is silent before its answer, or in the middle of it, is given up after 15 s', async () => {
  const clock = createFakeClock();
  let reason: unknown;
  const asked = outcomeOf(
    withPatience((silence) => {
      silence.addEventListener('abort', () => {
        reason = silence.reason;
      });
      return new Promise(() => {});
    }, clock),
  );
  await clock.advance(15_000);
  expect(await asked).toBe('Error: it was silent for 15 s');
  expect(String(reason)).toBe('Error: it was silent for 15 s');
  const stream = await answer(clock, { first: 'half', pull: () => new Promise(() => {}) });
  const read = outcomeOf(readAll(stream));
  await clock.advance(15_000);
  expect(await read).toBe('Error: it was silent for 15 s');
});

test('an answer may take as long as it likes while it goes on, and so may its reader', async () => {
  const clock = createFakeClock();
  let pieces = 0;
  const stream = await answer(clock, {
    first: 'a',
    pull: async (controller) => {
      await clock.sleep(10_000);
      if (++pieces > 3) controller.close();
      else controller.enqueue(Buffer.from('b'));
    },
  });
  await clock.advance(60_000);
  const read = readAll(stream);
  for (let n = 0; n < 10; n++) await clock.advance(10_000);
  expect(await read).toBe('abbb');
});
