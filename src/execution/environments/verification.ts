import { contentsOf } from './contents.ts';
import { readNote } from './layout.ts';

/** What this process knows of environments: whether all that is in them is what was built. */
export interface Verification {
  /** Compares an environment with its note, once; from then on it is trusted. */
  isWhole(directory: string): Promise<boolean>;
  /** Trusts an environment that was built just now. */
  trust(directory: string | undefined): void;
}

export function createVerification(): Verification {
  const known = new Map<string, Promise<boolean>>();
  return {
    isWhole: async (directory) => {
      const answer = known.get(directory) ?? compare(directory);
      known.set(directory, answer);
      const isWhole = await answer;
      if (!isWhole) known.delete(directory);
      return isWhole;
    },
    trust: (directory) => {
      if (directory !== undefined) known.set(directory, Promise.resolve(true));
    },
  };
}

async function compare(directory: string): Promise<boolean> {
  try {
    return readNote(directory)?.contents === (await contentsOf(directory));
  } catch {
    return false; /* it is being removed */
  }
}
