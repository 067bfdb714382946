/** Counts the turns of the loop while something is done; work that is done at once leaves none. */
export async function turnsDuring(something: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    turns++;
    setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await something();
    return turns;
  } finally {
    isOver = true;
  }
}
