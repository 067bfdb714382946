import { BlockList, isIP } from 'node:net';

/** Proxies that one request has passed: more than these are not believed. */
const MOST_HOPS = 20;

/**
 * Makes a function that tells the address of the client of a request: that of the connection, or what trusted proxies
 * say in X-Forwarded-For. The header is read from its end, where the nearest proxy has written, up to the first address
 * that is no trusted proxy: what a client writes into it itself lies before that and is never reached.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (peer: string, forwarded: string | null) => string {
  const isTrusted = createTrust(trustedProxies);
  return (peer, forwarded) => {
    const hops = (forwarded ?? '').split(',').slice(-MOST_HOPS);
    let client = withoutPrefix(peer);
    while (isTrusted(client)) {
      const before = withoutPrefix(hops.pop()?.trim() ?? '');
      if (isIP(before) === 0) return client;
      client = before;
    }
    return client;
  };
}

/** Makes a function that tells whether an address is that of a trusted proxy. */
export function createTrust(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const one of trustedProxies) add(trusted, one);
  return (peer) => {
    const address = withoutPrefix(peer);
    return isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
}

function add(list: BlockList, text: string): void {
  const [address = '', bits] = text.split('/');
  const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(address, Number(bits ?? (kind === 'ipv6' ? 128 : 32)), kind);
}

/** An IPv4 address is the same when a socket of IPv6 tells it. */
function withoutPrefix(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
