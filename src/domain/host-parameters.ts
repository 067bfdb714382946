/**
 * Reads the URL of a database as libpq does, which may name several hosts (`a:1,b:2`) or the directory of a Unix socket
 * (`%2Frun%2Fpostgresql`), and returns the same address as every parser of URLs reads it: with the parameters `host` and
 * `port`. Other URLs stay as they are.
 */
export function withHostParameters(text: string): string {
  const match = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*)([/?#].*)?$/is.exec(text);
  if (!match) return text;
  const [, before = '', hosts = '', behind = ''] = match;
  const isDirectory = /^%2f/i.test(hosts);
  if (!(isDirectory || hosts.includes(','))) return text;
  const parts = hosts.split(',').map(divide);
  const [first] = parts;
  const placeholder = isDirectory ? 'localhost' : (first?.host ?? '');
  if (!URL.canParse(`${before}${placeholder}${behind}`)) return text;
  const url = new URL(`${before}${placeholder}${behind}`);
  url.searchParams.set('host', parts.map(({ host }) => decodeURIComponent(host)).join(','));
  if (parts.some(({ port }) => port !== ''))
    url.searchParams.set('port', parts.map(({ port }) => port || DEFAULT_PORT).join(','));
  return url.href;
}

const DEFAULT_PORT = '5432';

interface HostAndPort {
  readonly host: string;
  readonly port: string;
}

/** `host`, `host:port`, `[::1]` or `[::1]:port`. */
function divide(text: string): HostAndPort {
  const [, host = text, port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text) ?? [];
  return { host, port };
}
