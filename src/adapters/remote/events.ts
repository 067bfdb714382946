import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The server-sent events of one answer, until it ends or breaks. */
export async function* eventsOf({ body }: Response): AsyncGenerator<EventSourceMessage> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  try {
    for await (const bytes of body ?? []) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      yield* events.splice(0);
    }
  } catch {
    /* A broken connection ends the stream; the caller opens another. */
  }
}
