import type { Trouble, TroubleWord } from './trouble.ts';

/**
 * The error that a store or a broker cannot be reached now: nothing is known of the call's effect, and trying again is
 * right.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  /** What is the matter, in one word. */
  readonly word: TroubleWord;

  constructor(message: string, { word = 'database', ...options }: ErrorOptions & { readonly word?: TroubleWord } = {}) {
    super(message, options);
    this.word = word;
  }

  get trouble(): Trouble {
    return { word: this.word, why: this.message };
  }
}

/**
 * Does work, and resolves with undefined when a store or a broker cannot be reached. It is for callers whose failure is
 * made up for later.
 */
export async function ifAvailable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}
