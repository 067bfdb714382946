import type { Clock } from '#domain/clock.ts';

/** A connection of the API; `id` names it while it is listed. */
export interface OpenConnection {
  readonly id: number;
  readonly address: string;
  readonly port: number;
}

/** What the system tells of the connections of this process. */
export interface Connections {
  /** The connections to a port; undefined when they cannot be told. */
  list(port: number): readonly OpenConnection[] | undefined;
  /** Ends a connection that has just been listed. */
  end(id: number): void;
}

/** A connection that has brought no valid token ends so long after it was opened, or after its last whole request. */
const WITHOUT_TOKEN_MS = 30_000;
/** Connections without a valid token, of one address and in all. Beyond them the oldest end. */
const MOST_OF_ADDRESS = 256;
const MOST_IN_ALL = 2048;

interface Known {
  /** When it was seen first, or its last request came. */
  at: number;
  hasToken: boolean;
  /** The address or network that it counts for; undefined: for none, as that of a trusted proxy. */
  readonly network: string | undefined;
}

/** Bounds the connections that have brought no valid token, whether they send nothing, or slowly, or too much. */
export interface ConnectionGuard {
  /** Notes a request whose headers have come whole. */
  asked(address: string, port: number): void;
  /** Notes that a connection has brought a valid token: it is bounded by what its token may do, and by its silence. */
  brought(address: string, port: number): void;
  /** Looks at all connections, and ends those that are too old or too many. */
  look(port: number): void;
}

/** Makes a guard. Connections of trusted proxies are not bounded: they stand for many clients, and bound them. */
export function createConnectionGuard(
  connections: Connections,
  { monotonic }: Pick<Clock, 'monotonic'>,
  isTrusted: (address: string) => boolean,
): ConnectionGuard {
  let known = new Map<string, Known>();
  const networkFor = (address: string): string | undefined => (isTrusted(address) ? undefined : networkOf(address));
  const note = (address: string, port: number, hasToken: boolean): void => {
    const key = keyOf(address, port);
    const one = known.get(key);
    if (one) Object.assign(one, { at: monotonic(), hasToken: hasToken || one.hasToken });
    else known.set(key, { at: monotonic(), hasToken, network: networkFor(address) });
  };
  return {
    asked: (address, port) => note(address, port, false),
    brought: (address, port) => note(address, port, true),
    look: (port) => {
      const now = monotonic();
      const open = connections.list(port);
      if (!open) return;
      const before = known;
      known = new Map();
      const waiting: Waiting[] = [];
      for (const one of open) {
        const key = keyOf(one.address, one.port);
        const state = before.get(key) ?? { at: now, hasToken: false, network: networkFor(one.address) };
        known.set(key, state);
        const { hasToken, network, at } = state;
        if (!hasToken && network !== undefined) waiting.push({ id: one.id, network, at });
      }
      for (const { id } of tooMany(waiting, now)) connections.end(id);
    },
  };
}

interface Waiting {
  readonly id: number;
  readonly network: string;
  readonly at: number;
}

/** The connections that must end: the old ones, and then the oldest of an address and of all that are too many. */
function tooMany(waiting: readonly Waiting[], now: number): readonly Waiting[] {
  const youngestFirst = waiting.toSorted((one, other) => other.at - one.at);
  const counts = new Map<string, number>();
  let kept = 0;
  return youngestFirst.filter((one) => {
    const count = counts.get(one.network) ?? 0;
    if (now - one.at > WITHOUT_TOKEN_MS || count >= MOST_OF_ADDRESS || kept >= MOST_IN_ALL) return true;
    counts.set(one.network, count + 1);
    kept++;
    return false;
  });
}

/** The text of an address and a port, the same however a system writes an address. */
function keyOf(address: string, port: number): string {
  return `${canonical(address)} ${port}`;
}

/** One customer has a whole network of IPv6: its first 64 bits are what counts. */
function networkOf(address: string): string {
  const text = canonical(address);
  if (!text.includes(':')) return text;
  const [before = '', after] = text.split('::');
  const head = before.split(':');
  const missing = after === undefined ? 0 : 8 - head.length - after.split(':').length;
  return [...head, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':');
}

function canonical(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  return URL.parse(`http://[${plain}]`)?.hostname.slice(1, -1) ?? plain;
}
