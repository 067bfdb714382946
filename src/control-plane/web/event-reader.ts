import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Turn } from '#domain/turns.ts';

/** Reads server-sent events out of text as it comes. */
export interface EventReader {
  /** Resolves when all events that have come are handled. */
  read(text: string): Promise<void>;
  /** Forgets an event of which only a part has come. */
  reset(): void;
}

interface Handling {
  onEvent(event: EventSourceMessage): void;
  readonly stop: AbortSignal;
  readonly turn: Turn;
}

/**
 * Makes a reader of server-sent events that lets the browser draw and answer its user between two events: many events of a
 * long log come at once.
 */
export function createEventReader({ onEvent, stop, turn }: Handling): EventReader {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const read = async (text: string): Promise<void> => {
    parser.feed(text);
    for (const event of events.splice(0)) {
      if (stop.aborted) return;
      onEvent(event);
      await turn();
    }
  };
  return { read, reset: () => parser.reset() };
}
