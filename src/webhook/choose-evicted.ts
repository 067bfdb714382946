/** A connection that is held. */
export interface Held {
  /** The network that it comes from. */
  readonly network: string;
  /** When it came, shook hands, began to ask or was answered, whichever was last: in milliseconds. */
  since: number;
  hasShakenHands: boolean;
}

/** So many connections of one network may come without having shaken hands before they push out each other alone. */
const MOST_STRANGERS = 16;

/**
 * Chooses which connection makes room for another one: of the network that holds most of them, the one that has made no step
 * for longest. Whoever holds all of them loses them one by one, and others get in.
 */
export function chooseEvicted<Connection extends Held>(held: Iterable<Connection>): Connection | undefined {
  const networks = Map.groupBy(held, ({ network }) => network);
  const candidates = [...networks.values()].map((ones) => ({ size: ones.length, oldest: oldestOf(ones) }));
  const [first] = candidates.toSorted((one, other) => other.size - one.size || one.oldest.since - other.oldest.since);
  return first?.oldest;
}

function oldestOf<Connection extends Held>(ones: readonly Connection[]): Connection {
  const strangers = ones.filter(({ hasShakenHands }) => !hasShakenHands);
  const among = strangers.length > MOST_STRANGERS ? strangers : ones;
  return among.reduce((oldest, one) => (one.since < oldest.since ? one : oldest));
}
