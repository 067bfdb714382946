import { createParser } from 'eventsource-parser';
import type { Answer } from '#wire/answer.ts';
import { UnboundedBody } from './body-text.ts';
import { versionOf } from './http.ts';

export interface ServerEvent {
  readonly id: string | undefined;
  /** The name of the event. */
  readonly event: string | undefined;
  /** The data of the event; its body is undefined where it is no JSON, which fits no shape. */
  readonly data: Answer;
}

/** An event that is not whole by then has no end. */
const MOST_UNREAD_BYTES = 64 * 1024 * 1024;

/** The server-sent events of one answer, until it ends or breaks. Rejects with UnboundedBody at an event that seems to have no end. `onBytes` is called whenever something arrives, be it a sign of life alone. */
export async function* eventsOf(response: Response, onBytes: () => void = () => {}): AsyncGenerator<ServerEvent> {
  const serverVersion = versionOf(response);
  const events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => events.push({ id, event, data: { body: parseJson(data), serverVersion } }),
  });
  const decoder = new TextDecoder();
  try {
    let unread = 0;
    for await (const bytes of response.body ?? []) {
      onBytes();
      unread += bytes.length;
      if (unread > MOST_UNREAD_BYTES) throw new UnboundedBody(`an event is longer than ${MOST_UNREAD_BYTES} bytes`);
      parser.feed(decoder.decode(bytes, { stream: true }));
      if (events.length > 0) unread = 0;
      yield* events.splice(0);
    }
  } catch (error) {
    if (error instanceof UnboundedBody) throw error;
    /* A broken connection ends the stream; the caller opens another. */
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
