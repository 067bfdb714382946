import type { Clock } from '#domain/clock.ts';
import { canonicalAddress, networkOf } from '#domain/network.ts';

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
const WITHOUT_TOKEN = { ofAddress: 256, inAll: 2048 };
/** Connections with one. A worker keeps about five, and many workers may share an address and a token. */
const WITH_TOKEN = { ofToken: 1024, ofAddress: 4096, inAll: 8192 };

interface Known {
  /** When it was seen first, or its last request came. */
  at: number;
  /** The hash of the token that it has brought last; undefined: none that is valid. */
  token: string | undefined;
  /** The address or network that it counts for; undefined: for none, as that of a trusted proxy. */
  readonly network: string | undefined;
}

/** Bounds the connections, and most those without a valid token, whether they send nothing, or slowly, or too much. */
export interface ConnectionGuard {
  /** Notes a request whose headers have come whole. */
  asked(address: string, port: number): void;
  /** Notes that a connection has brought a valid token, by its hash. */
  brought(address: string, port: number, token: string): void;
  /** Has a connection end at the next look: its token is no longer valid. */
  drop(address: string, port: number): void;
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
  const dropped = new Set<string>();
  const networkFor = (address: string): string | undefined => (isTrusted(address) ? undefined : networkOf(address));
  const note = (address: string, port: number, token?: string): void => {
    const key = keyOf(address, port);
    const one = known.get(key);
    if (one) Object.assign(one, { at: monotonic(), token: token ?? one.token });
    else known.set(key, { at: monotonic(), token, network: networkFor(address) });
  };
  const endDropped = (open: readonly OpenConnection[]): void => {
    for (const { id, address, port } of open) if (dropped.has(keyOf(address, port))) connections.end(id);
    dropped.clear();
  };
  return {
    asked: note,
    brought: note,
    drop: (address, port) => void dropped.add(keyOf(address, port)),
    look: (port) => {
      const now = monotonic();
      const open = connections.list(port);
      if (!open) return dropped.clear();
      if (dropped.size > 0) endDropped(open);
      const before = known;
      known = new Map();
      const bounded: Bounded[] = [];
      for (const one of open) {
        const key = keyOf(one.address, one.port);
        const state = before.get(key) ?? { at: now, token: undefined, network: networkFor(one.address) };
        known.set(key, state);
        const { token, network, at } = state;
        if (network !== undefined) bounded.push({ id: one.id, token, network, at });
      }
      for (const { id } of tooMany(bounded, now)) connections.end(id);
    },
  };
}

interface Bounded {
  readonly id: number;
  readonly token: string | undefined;
  readonly network: string;
  readonly at: number;
}

/** The connections that must end: the old ones without a token, and then the oldest where there are too many. */
function tooMany(open: readonly Bounded[], now: number): readonly Bounded[] {
  const hasRoom = createCounts();
  return open
    .toSorted((one, other) => other.at - one.at)
    .filter(({ token, network, at }) =>
      token === undefined
        ? now - at > WITHOUT_TOKEN_MS ||
          !hasRoom([`address ${network}`, WITHOUT_TOKEN.ofAddress], ['all', WITHOUT_TOKEN.inAll])
        : !hasRoom(
            [`token ${token}`, WITH_TOKEN.ofToken],
            [`tokens of ${network}`, WITH_TOKEN.ofAddress],
            ['tokens', WITH_TOKEN.inAll],
          ),
    );
}

/** Makes a function that counts one more for each name, and is false where one of them has as many as it may have. */
function createCounts(): (...bounds: readonly (readonly [name: string, most: number])[]) => boolean {
  const counts = new Map<string, number>();
  return (...bounds) => {
    if (bounds.some(([name, most]) => (counts.get(name) ?? 0) >= most)) return false;
    for (const [name] of bounds) counts.set(name, (counts.get(name) ?? 0) + 1);
    return true;
  };
}

/** The text of an address and a port, the same however a system writes an address. */
function keyOf(address: string, port: number): string {
  return `${canonicalAddress(address)} ${port}`;
}
