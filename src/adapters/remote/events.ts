import { createParser } from 'eventsource-parser';
import type { Answer } from '#wire/answer.ts';
import { versionOf } from './http.ts';

export interface ServerEvent {
  readonly id: string | undefined;
  /** The name of the event. */
  readonly event: string | undefined;
  /** The data of the event; its body is undefined where it is no JSON, which fits no shape. */
  readonly data: Answer;
}

/** The server-sent events of one answer, until it ends or breaks. `onBytes` is called whenever something arrives, be it a sign of life alone. */
export async function* eventsOf(response: Response, onBytes: () => void = () => {}): AsyncGenerator<ServerEvent> {
  const serverVersion = versionOf(response);
  const events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => events.push({ id, event, data: { body: parseJson(data), serverVersion } }),
  });
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) {
      onBytes();
      parser.feed(decoder.decode(bytes, { stream: true }));
      yield* events.splice(0);
    }
  } catch {
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
