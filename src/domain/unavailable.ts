/** A store or a broker cannot be reached now: nothing is known of the call's effect, and trying again is right. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
