/** Where a server is, as whom one logs in, and in which database. */
interface Server {
  readonly host: string;
  readonly port: number;
  readonly path?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

interface Address {
  readonly server: Server;
  /** The parameters that are settings of PostgreSQL for the session. */
  readonly session: Readonly<Record<string, string>>;
}

const DEFAULT_PORT = 5432;

/** Reads the URL of one host for the driver, whose own reading knows neither IPv6 nor names that are encoded. */
export function readAddress(text: string): Address {
  const { hostname, port, username, password, pathname, searchParams } = new URL(text);
  const number = port === '' ? DEFAULT_PORT : Number(port);
  const directory = searchParams.get('host');
  searchParams.delete('host');
  const database = decodeURIComponent(pathname.slice(1));
  return {
    server: {
      /* Of a URL that is not for the web a parser keeps capitals, which /etc/hosts does not know. */
      host: listOf(hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase() || 'localhost'),
      port: listOf(number),
      ...(directory !== null && { path: `${directory}/.s.PGSQL.${number}` }),
      ...(username !== '' && { user: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      ...(database !== '' && { database }),
    },
    session: sessionOf(searchParams),
  };
}

/** A list of one, which the driver does not divide at colons; its types do not know that it takes one. */
function listOf<T>(one: T): T {
  return [one] as unknown as T;
}

/**
 * The parameters of libpq that are none of PostgreSQL, and the values that ask for no more than is done anyway. What
 * asks for more is refused: it would be a promise that is not kept.
 */
const ofLibpq: Readonly<Record<string, RegExp>> = {
  channel_binding: /^(disable|prefer)$/,
  client_encoding: /^(auto|utf-?8|unicode)$/i,
  connect_timeout: /^/,
  fallback_application_name: /^/,
  gssdelegation: /^0?$/,
  gssencmode: /^(disable|prefer)$/,
  gsslib: /^/,
  hostaddr: /^$/,
  keepalives: /^/,
  keepalives_count: /^/,
  keepalives_idle: /^/,
  keepalives_interval: /^/,
  krbsrvname: /^/,
  load_balance_hosts: /^disable$/,
  max_protocol_version: /^(3\.0|3\.2|latest)$/,
  min_protocol_version: /^3\.0$/,
  passfile: /^$/,
  replication: /^(false|off|no|0)$/,
  require_auth: /^$/,
  requirepeer: /^$/,
  service: /^$/,
  ssl_max_protocol_version: /^(TLSv1\.3)?$/,
  ssl_min_protocol_version: /^(TLSv1(\.[012])?)?$/,
  sslcertmode: /^(disable|allow)$/,
  sslcompression: /^0?$/,
  sslcrl: /^$/,
  sslcrldir: /^$/,
  sslkeylogfile: /^$/,
  sslnegotiation: /^postgres$/,
  sslpassword: /^$/,
  sslsni: /^1?$/,
  target_session_attrs: /^/,
  tcp_user_timeout: /^/,
};

function sessionOf(parameters: URLSearchParams): Readonly<Record<string, string>> {
  const session: Record<string, string> = {};
  for (const [name, value] of parameters) {
    const harmless = ofLibpq[name];
    if (harmless === undefined) session[name] = value;
    else if (!harmless.test(value)) throw refusal(name);
  }
  return session;
}

/** Without the value, which may be a secret, as that of sslpassword is. */
function refusal(name: string): Error {
  const instead = name === 'channel_binding' ? ', and set sslmode=verify-full, which makes sure of the server too' : '';
  return new Error(`the parameter ${name} of its URL asks for what is not done here: take it out${instead}`);
}
