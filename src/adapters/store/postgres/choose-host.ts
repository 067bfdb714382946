import { hostsOf } from '#domain/host-parameters.ts';
import { READ_ONLY } from './explain-error.ts';

/** What is known of a host. */
export interface HostState {
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
}

/** What a host must be for the parameter `target_session_attrs` of libpq. */
const wishes: Readonly<Record<string, (host: HostState) => boolean>> = {
  any: () => true,
  'read-write': ({ isReadOnly }) => !isReadOnly,
  'read-only': ({ isReadOnly }) => isReadOnly,
  primary: ({ isStandby }) => !isStandby,
  standby: ({ isStandby }) => isStandby,
  'prefer-standby': ({ isStandby }) => isStandby,
};

/**
 * Chooses one of several hosts that the parameter `host` of a URL names, the first that is what `target_session_attrs`
 * wants: `read-write`, unless the URL says something else. Returns the URL of that host alone; throws the last error of
 * the database when there is none. A URL of one host is not tried.
 */
export async function chooseHost(url: string, stateOf: (url: string) => Promise<HostState>): Promise<string> {
  const { hosts, wish } = readHosts(url);
  const [first = url] = hosts;
  if (hosts.length < 2) return first;
  const fits = wishes[wish];
  if (!fits) throw new Error(`target_session_attrs=${wish}: expected ${Object.keys(wishes).join(', ')}`);
  let why: unknown;
  const usable: string[] = [];
  for (const host of hosts) {
    try {
      if (fits(await stateOf(host))) return host;
      usable.push(host);
    } catch (error) {
      why = error;
    }
  }
  const [other] = usable;
  if (wish === 'prefer-standby' && other !== undefined) return other;
  if (other === undefined) throw why;
  throw Object.assign(new Error(`none of the hosts is ${wish}`), { code: READ_ONLY });
}

/** Tells whether a URL names several hosts. */
export function hasSeveralHosts(url: string): boolean {
  return readHosts(url).hosts.length > 1;
}

/** The URLs of the hosts of a URL, each of one host, and what is wanted of them. */
function readHosts(url: string): { readonly hosts: readonly string[]; readonly wish: string } {
  const address = new URL(url);
  const { searchParams } = address;
  const wish = searchParams.get('target_session_attrs') ?? 'read-write';
  for (const name of ['target_session_attrs', 'host', 'port']) searchParams.delete(name);
  return { hosts: hostsOf(url).map(({ host, port }) => urlOf(address.href, host, port)), wish };
}

function urlOf(url: string, host: string, port: string): string {
  const address = new URL(url);
  if (host.startsWith('/')) {
    address.hostname = 'localhost';
    address.searchParams.set('host', host);
  } else address.hostname = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  address.port = port;
  return address.href;
}
