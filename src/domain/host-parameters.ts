/**
 * Reads the URL of a database as libpq does, which may name several hosts (`a:1,b:2`), the directory of a Unix socket
 * (`%2Frun%2Fpostgresql`), no host at all (`/db?host=/run/postgresql`), and user, password and database as parameters.
 * Returns the same address as every parser of URLs reads it: hosts in the parameters `host` and `port`, the others in
 * their places. Other URLs stay as they are.
 */
export function withHostParameters(text: string): string {
  const match = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*)([/?#].*)?$/is.exec(text);
  if (!match) return text;
  const [, before = '', hosts = '', behind = ''] = match;
  const isOneHost = !(/^%2f/i.test(hosts) || hosts.includes(','));
  /* libpq reads a plus as itself, and parsers of URLs read it as a space. */
  const plain = `${before}${isOneHost ? hosts || PLACEHOLDER : PLACEHOLDER}${behind.replaceAll('+', '%2B')}`;
  if (!URL.canParse(plain)) return text;
  const url = new URL(plain);
  const isMoved = moveParameters(url);
  if (isOneHost) return isMoved || (hosts === '' && url.searchParams.has('host')) ? url.href : text;
  const parts = hosts.split(',').map(divide);
  url.searchParams.set('host', parts.map(({ host }) => decodeURIComponent(host)).join(','));
  if (parts.some(({ port }) => port !== ''))
    url.searchParams.set('port', parts.map(({ port }) => port || DEFAULT_PORT).join(','));
  return url.href;
}

const DEFAULT_PORT = '5432';
/** Stands where a host must be, for those that are parameters. */
const PLACEHOLDER = 'localhost';

interface HostAndPort {
  readonly host: string;
  /** Empty: the usual one. */
  readonly port: string;
}

/** The hosts that a URL names, wherever it does so; one that begins with a slash is the directory of a Unix socket. */
export function hostsOf(text: string): readonly HostAndPort[] {
  const { hostname, port, searchParams } = new URL(text);
  const ports = searchParams.get('port')?.split(',') ?? [port];
  const hosts = searchParams.get('host')?.split(',') ?? [hostname];
  return hosts.map((host, index) => ({ host, port: ports[index] ?? ports[0] ?? '' }));
}

/** `host`, `host:port`, `[::1]` or `[::1]:port`. */
function divide(text: string): HostAndPort {
  const [, host = text, port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text) ?? [];
  return { host, port };
}

/** Puts what parameters say where it is in other URLs; true: there was such a parameter. */
function moveParameters(url: URL): boolean {
  const take = (name: string): string | null => {
    const value = url.searchParams.get(name);
    url.searchParams.delete(name);
    return value;
  };
  const [user, password, database] = [take('user'), take('password'), take('dbname')];
  if (user !== null) url.username = encodeURIComponent(user);
  if (password !== null) url.password = encodeURIComponent(password);
  if (database !== null) url.pathname = `/${encodeURIComponent(database)}`;
  return [user, password, database].some((one) => one !== null);
}
