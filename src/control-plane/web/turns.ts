import { type Turn, takeTurnsBy } from '#domain/turns.ts';

/** Milliseconds of work after which the browser may draw and answer its user, who feels a task of more than 50. */
const TURN_MS = 10;

/** Makes a function that long work calls after each small step, so that however long it is, no task of the browser is. */
export function takeTurns(): Turn {
  return takeTurnsBy(nextTask, TURN_MS);
}

/** Waits for the next task of the browser by a message: a timer would wait for four milliseconds each time. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
