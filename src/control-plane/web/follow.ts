import type { Execution } from '#wire/executions.ts';
import type { LogEvent, StatusEvent } from '#wire/log-events.ts';
import { ApiError, send } from './api.ts';
import { createEventReader } from './event-reader.ts';
import { takeTurns } from './turns.ts';

interface Listener {
  onLog(chunk: LogEvent): void;
  onStatus(status: string): void;
  onEnd(execution: Execution): void;
  onProblem(problem: string | undefined): void;
}

/** Follows an execution until it has ended, by ever new connections where one breaks; each goes on behind the last. */
export async function follow(id: number, listener: Listener, stop: AbortSignal): Promise<void> {
  const position = { lastId: undefined as string | undefined, hasEnded: false };
  const events = createEventReader({
    onEvent: ({ id: eventId, event, data }) => {
      position.lastId = eventId ?? position.lastId;
      position.hasEnded ||= event === 'end';
      notifyListener(listener, event, JSON.parse(data));
    },
    stop,
    turn: takeTurns(),
  });
  const read = async (): Promise<void> => {
    const headers: Record<string, string> = position.lastId === undefined ? {} : { 'last-event-id': position.lastId };
    const { body } = await send(`executions/${id}/logs/stream`, { headers, signal: stop });
    listener.onProblem(undefined);
    const texts = body?.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (let part = await texts?.read(); part && !part.done; part = await texts?.read()) await events.read(part.value);
  };
  while (!(position.hasEnded || stop.aborted)) {
    await read().catch((error: unknown) => {
      if (error instanceof ApiError && error.status < 500) throw error;
      if (!stop.aborted) listener.onProblem('the connection broke: trying again');
    });
    events.reset();
    if (!position.hasEnded) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function notifyListener(listener: Listener, event: string | undefined, value: unknown): void {
  /* The name of an event tells its shape. */
  if (event === 'log') listener.onLog(value as LogEvent);
  if (event === 'status') listener.onStatus((value as StatusEvent).status);
  if (event === 'end') listener.onEnd(value as Execution);
}
