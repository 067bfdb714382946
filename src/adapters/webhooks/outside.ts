import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { messageOf } from '#domain/errors.ts';
import { startTimer } from '#domain/timer.ts';

/** An address to which a connection may be made. */
export interface OutsideAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export type Resolved =
  | { readonly kind: 'found'; readonly addresses: readonly OutsideAddress[] }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'unknown'; readonly problem: string };

const LOOKUP_MS = 5000;
/** The metadata service of a cloud that has a public address. */
const PUBLIC_METADATA = ['168.63.129.16'];
/** All of IPv6 that has been given to anybody in public. */
const GLOBAL_IPV6 = '2000::/3';

/** Looks up the addresses of a host, once: who connects connects to one of these. One that is not outside refuses all. */
export async function resolveOutside(hostname: string, allowed: readonly string[]): Promise<Resolved> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  try {
    const found = isIP(host) === 0 ? await lookUp(host) : [{ address: host, family: isIP(host) }];
    const inside = found.find(({ address }) => !isAllowed(address, allowed));
    if (inside)
      return {
        kind: 'refused',
        problem: `${host} leads to ${inside.address}, which is no public address: webhooks.allow_networks may name it`,
      };
    const addresses = found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }) as const);
    return { kind: 'found', addresses };
  } catch (error) {
    return { kind: 'unknown', problem: `${host} cannot be looked up: ${messageOf(error)}` };
  }
}

async function lookUp(host: string): Promise<readonly { readonly address: string; readonly family: number }[]> {
  const late = Promise.withResolvers<never>();
  const timer = startTimer(LOOKUP_MS, () => late.reject(new Error('no answer in time')));
  try {
    return await Promise.race([lookup(host, { all: true }), late.promise]);
  } finally {
    timer.stop();
  }
}

/** Tells whether an address is a public one, or in a network that is allowed. */
export function isAllowed(text: string, allowed: readonly string[]): boolean {
  const address = ipaddr.process(text.replace(/%.*$/, ''));
  return isPublic(address) || allowed.some((network) => isWithin(address, network));
}

type Address = ReturnType<typeof ipaddr.process>;

function isPublic(address: Address): boolean {
  const isGlobal = address.kind() === 'ipv4' || isWithin(address, GLOBAL_IPV6);
  return isGlobal && address.range() === 'unicast' && !PUBLIC_METADATA.includes(address.toString());
}

function isWithin(address: Address, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const of = ipaddr.process(base);
  if (of.kind() !== address.kind()) return false;
  return address.match(of, bits === undefined ? of.toByteArray().length * 8 : Number(bits));
}
