/** A store or a broker cannot be reached now: nothing is known of the call's effect, and trying again is right. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** What `work` resolves to; undefined when a store or a broker cannot be reached, for callers that somebody or something else makes up for. */
export async function ifAvailable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}
