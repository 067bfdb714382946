/** Counts the turns of the event loop, and how often something was noted in each. */
export function countTurns() {
  let turn = 0;
  const noted = new Map<number, number>();
  let next = setImmediate(countTurn);
  function countTurn(): void {
    turn++;
    next = setImmediate(countTurn);
  }
  return {
    note: () => void noted.set(turn, (noted.get(turn) ?? 0) + 1),
    ofTurns: () => [...noted.values()],
    [Symbol.dispose]: () => clearImmediate(next),
  };
}

/** Makes so many at once, and waits for all of them. */
export const many = <T>(count: number, make: () => T | Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, make));
