/** Milliseconds of work after which others get their turn. */
const TURN_MS = 8;

/**
 * Makes a function that lets others have their turn, when the last one is some milliseconds ago. Long work calls it after
 * each small step.
 */
export function takeTurns(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < TURN_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        last = performance.now();
        resolve();
      }),
    );
  };
}
