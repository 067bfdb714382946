/** Middle of the sorted numbers, the upper one of two. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Milliseconds that `work` takes. */
async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Runs the contenders in turns, so that the machine's moods meet all of them; medians in milliseconds, in their order. */
export async function race(rounds: number, contenders: readonly (() => unknown)[]): Promise<readonly number[]> {
  for (const contender of contenders) await contender(); /* warm the caches */
  const times = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, contender] of contenders.entries()) times[i]?.push(await timed(contender));
  return times.map(median);
}

/** One line: what, value and baseline in the unit that `what` ends with, and their ratio. */
export function report(what: string, value: number, baseline: number): void {
  const numbers = [value, baseline].map((number) => number.toFixed(2).padStart(8)).join(' / ');
  console.log(`  ${what.padEnd(64)} ${numbers}   ratio ${(value / baseline).toFixed(3)}`);
}
