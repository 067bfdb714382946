import { expect, test } from 'bun:test';
import { createEventReader } from '#control-plane/web/event-reader.ts';

test('events that come at once are handled one by one, and others have their turn between them', async () => {
  const seen: string[] = [];
  const reader = createEventReader({
    onEvent: ({ event, data }) => void seen.push(`${event} ${data}`),
    stop: new AbortController().signal,
    turn: async () => void seen.push('turn'),
  });
  await reader.read('event: log\ndata: 1\n\nevent: log\ndata: 2\n\nevent: e');
  await reader.read('nd\ndata: 3\n\nevent: lost\ndata: 4');
  reader.reset();
  await reader.read('event: log\ndata: 5\n\n');
  expect(seen).toEqual(['log 1', 'turn', 'log 2', 'turn', 'end 3', 'turn', 'log 5', 'turn']);
});

test('of events that nobody waits for any more none is handled', async () => {
  const seen: string[] = [];
  const stop = new AbortController();
  const reader = createEventReader({
    onEvent: ({ data }) => {
      seen.push(data);
      stop.abort();
    },
    stop: stop.signal,
    turn: () => undefined,
  });
  await reader.read('data: 1\n\ndata: 2\n\n');
  expect(seen).toEqual(['1']);
});
