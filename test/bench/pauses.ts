/** A table of the longest steps of loops, which says which of its lines are above the bound. */
import { longestSteps } from './longest-step.ts';

/** Milliseconds of the processor that a step may take. */
const BOUND_MS = 50;
/** The first line of each table: what the loops do while nobody asks them for anything. */
export const NOTHING = 'nothing';
const IDLE_MS = 5000;

/** Processes that are watched while something is done with them. */
export interface Watched {
  readonly pids: readonly number[];
  /** Returns what has come of it, for the reader. */
  work(): Promise<string>;
}

export interface PauseTable {
  /** Measures one line, at one place after the other. */
  measure(name: string, places: readonly Watched[]): Promise<void>;
  /**
   * Ends the table. Lines are judged by the bound and the longest step of the same loop in the line of nothing, which is the
   * noise of this machine now; where one is above, the exit code of this process is 1.
   */
  end(): void;
}

/** Prints the head of a table with these columns, and measures its line of nothing. */
export async function beginPauses(
  columns: readonly string[],
  pidsOfPlaces: readonly (readonly number[])[],
): Promise<PauseTable> {
  console.log(`| ms of the processor, longest step | ${columns.join(' | ')} |\n|---|${'---|'.repeat(columns.length)}`);
  const above: string[] = [];
  let idle: readonly number[] = [];
  const measureAll = async (name: string, places: readonly Watched[]): Promise<readonly number[]> => {
    const steps: number[] = [];
    const ends: string[] = [];
    for (const { pids, work } of places) {
      const { value, longestMs } = await longestSteps(pids, work);
      steps.push(...longestMs);
      ends.push(value);
    }
    console.log(`| ${name} | ${steps.map((ms) => (Number.isNaN(ms) ? '–' : ms.toFixed(0))).join(' | ')} |`);
    console.error(`    ${name}: ${ends.join('; ')}`);
    return steps;
  };
  const rest = async (): Promise<string> => {
    await Bun.sleep(IDLE_MS);
    return `${IDLE_MS} ms`;
  };
  idle = await measureAll(
    NOTHING,
    pidsOfPlaces.map((pids) => ({ pids, work: rest })),
  );
  return {
    measure: async (name, places) => {
      const steps = await measureAll(name, places);
      for (const [at, ms] of steps.entries())
        if (ms > BOUND_MS + (idle[at] || 0)) above.push(`${name}, ${columns[at]}: ${ms.toFixed(0)} ms`);
    },
    end: () => {
      const most = columns.map((column, at) => `${column} ${(BOUND_MS + (idle[at] || 0)).toFixed(0)}`).join(', ');
      if (above.length === 0) return;
      console.error(`above ${BOUND_MS} ms and the noise of an idle loop (${most}):\n${above.join('\n')}`);
      process.exitCode = 1;
    },
  };
}
