/**
 * The error that a store or a broker cannot be reached now: nothing is known of the call's effect, and trying again is
 * right.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
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
