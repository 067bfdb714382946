import { expect, test } from 'bun:test';
import { takeTurns } from '#control-plane/web/turns.ts';

test('long work lets others have their turn', async () => {
  let isOver = false;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    isOver = true;
    port1.close();
  };
  port2.postMessage(undefined);
  const turn = takeTurns();
  /* Without a turn for others no message comes, and the work goes on to its bound. */
  for (let steps = 0; !isOver && steps < 5_000_000; steps++) await turn();
  expect(isOver).toBe(true);
});
