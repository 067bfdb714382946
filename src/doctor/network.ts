/** Names, certificates, clocks, servers. */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { DatabaseKind } from '#domain/database-kind.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import { messageOf } from '#domain/errors.ts';
import { hostsOf } from '#domain/host-parameters.ts';
import { health } from '#wire/server.ts';
import { type Answer, broken, type Check, ok, skipped, warning } from './finding.ts';

const RESOLVE_MS = 8000;
const SKEW_WARNING_MS = 5000;
const SKEW_FAILURE_MS = 5 * MINUTE_MS;
const ANSWER_MS = 10_000;

const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Transactions that hold locks without a session: how many there may be, and the statements that end those that are there. */
interface Prepared {
  readonly most: number;
  readonly endedBy: readonly string[];
}

export interface Servers {
  readonly databaseUrl: string | undefined;
  readonly brokerUrl: string | undefined;
  /** The address of the API. */
  readonly serverUrl: string | undefined;
  /** Asks for the database's time, in milliseconds since 1970, whose it is, and what is prepared. Rejects with one sentence. */
  askDatabase(
    url: string,
  ): Promise<{ readonly timeMs: number; readonly kind: DatabaseKind; readonly prepared: Prepared }>;
  /** Connects to the broker; rejects with the reason when that fails. */
  askBroker(url: string): Promise<void>;
}

export function networkChecks(servers: Servers, env: Readonly<Record<string, string | undefined>>): readonly Check[] {
  /* Asked once: how its clock goes is another question. */
  const asked = once(async () => {
    const before = Date.now();
    const { timeMs, ...rest } = await servers.askDatabase(servers.databaseUrl ?? '');
    return { skewMs: skewOf(timeMs, before), ...rest };
  });
  const database = async (): Promise<number> => (await asked()).skewMs;
  const server = once(async () => await timed(async () => await askServer(servers.serverUrl ?? '')));
  return [
    { name: 'names', examine: async () => await names(servers) },
    { name: 'certificates', examine: async () => certificates(env) },
    {
      name: 'database',
      examine: async () => {
        const whose = async (): Promise<string> => owners[(await asked()).kind];
        const found = await answer(servers.databaseUrl, whose, 'ATTUNE__DATABASE__URL');
        return found.state === 'ok' ? judgePrepared(found, (await asked()).prepared) : found;
      },
    },
    {
      name: 'broker',
      examine: async () =>
        await answer(
          servers.brokerUrl,
          async () => await servers.askBroker(servers.brokerUrl ?? ''),
          'ATTUNE__MESSAGE_QUEUE__URL',
        ),
    },
    { name: 'server', examine: async () => await answer(servers.serverUrl, server, 'ATTUNE_API_URL') },
    {
      name: 'clock',
      examine: async () =>
        await clock([
          ...(servers.databaseUrl === undefined ? [] : [database]),
          ...(servers.serverUrl === undefined ? [] : [server]),
        ]),
    },
  ];
}

const owners: Readonly<Record<DatabaseKind, string>> = {
  own: "it is attune-agent's own",
  joined: "it is that of Attune's Rust control plane, prepared for attune-agent",
};

/** Whoever may log in may prepare transactions, where there may be any; they hold their locks until somebody ends them. */
function judgePrepared(found: Answer, { most, endedBy }: Prepared): Answer {
  if (most === 0) return found;
  const there = endedBy.length === 0 ? '' : ', and some are there';
  return warning(
    `${found.what}; max_prepared_transactions is ${most}${there}: a login can hold locks for ever by PREPARE TRANSACTION`,
    [
      ...endedBy,
      'ALTER SYSTEM SET max_prepared_transactions = 0, and restart PostgreSQL, unless others need them',
    ].join('; '),
  );
}

function nameOf({ host, port }: { readonly host: string; readonly port: string }): string {
  return port === '' ? host : `${host}:${port}`;
}

async function names({ databaseUrl, brokerUrl, serverUrl }: Servers): Promise<Answer> {
  const hosts = [databaseUrl, brokerUrl, serverUrl].flatMap((url) =>
    url === undefined ? [] : hostsOf(url).map(({ host }) => host),
  );
  const named = [...new Set(hosts)].filter((host) => !host.startsWith('/') && isIP(host.replace(/^\[|\]$/g, '')) === 0);
  if (named.length === 0) return skipped('no server is configured by a name');
  const problems = await Promise.all(named.map(resolveName));
  const found = problems.flatMap((one) => one ?? []);
  if (found.length === 0) return ok(`${named.join(', ')} resolve`);
  const config = existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8') : undefined;
  if (config === undefined)
    return broken(
      `${found.join('; ')}: there is no /etc/resolv.conf`,
      'mount one: without it only /etc/hosts and a resolver on 127.0.0.1 are asked',
    );
  const resolvers = [...config.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address]) => address);
  return broken(
    `${found.join('; ')} (asked ${resolvers.slice(0, 3).join(', ') || '127.0.0.1'})`,
    `check the name and the resolvers of /etc/resolv.conf${resolvers.length > 3 ? ': only the first three are asked' : ''}`,
  );
}

/** Resolves a name with the resolver of the C library (musl), which connections use too. */
async function resolveName(host: string): Promise<string | undefined> {
  const late = Bun.sleep(RESOLVE_MS).then(() => `${host}: no answer within ${RESOLVE_MS / 1000} s`);
  const asked = Bun.dns.lookup(host, { backend: 'system' }).then(
    () => undefined,
    (error: unknown) => `${host} does not resolve: ${messageOf(error)}`,
  );
  return await Promise.race([asked, late]);
}

function certificates(env: Readonly<Record<string, string | undefined>>): Answer {
  const extra = env['NODE_EXTRA_CA_CERTS'];
  if (extra !== undefined && !isReadable(extra))
    return broken(
      `NODE_EXTRA_CA_CERTS=${extra} cannot be read`,
      'mount the file, or unset the variable: servers with a certificate of your own are refused without it',
    );
  const here = bundles.find(isReadable);
  const bundled = `the agent brings ${rootCertificates.length} of its own${extra === undefined ? '' : `, and uses ${extra}`}`;
  if (here !== undefined) return ok(`${here} for actions; ${bundled}`);
  return warning(
    `the image has no CA certificates; ${bundled}`,
    'actions that call HTTPS may fail: install ca-certificates in the image, or mount a bundle',
  );
}

function isReadable(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

/** Says that the server at this address answers, and what else there is to say of it, where `ask` resolves with a text. */
async function answer(url: string | undefined, ask: () => Promise<unknown>, variable: string): Promise<Answer> {
  if (url === undefined) return skipped(`not configured (${variable})`);
  try {
    const more = await ask();
    return ok(`${hostsOf(url).map(nameOf).join(', ')} answers${typeof more === 'string' ? `; ${more}` : ''}`);
  } catch (error) {
    return broken(messageOf(error), `check ${variable}, and that the network lets this container reach it`);
  }
}

/** What /readyz says; the time in its Date header, to the second. */
async function askServer(url: string): Promise<number> {
  const { host } = new URL(url);
  const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(ANSWER_MS) }).catch(
    (error: unknown) => {
      throw new Error(`server ${host}: ${messageOf(error)}`, { cause: error });
    },
  );
  const time = Date.parse(response.headers.get('date') ?? '');
  if (response.ok) return time;
  const { problems = [] } = health.safeParse(await response.json().catch(() => undefined)).data ?? {};
  throw new Error(
    `server ${host} is not ready (HTTP ${response.status}): ${problems.join('; ') || 'is it an Attune server?'}`,
  );
}

/** Measures how far the clock of who is asked is ahead. */
async function timed(ask: () => Promise<number>): Promise<number> {
  const before = Date.now();
  return skewOf(await ask(), before);
}

/** How far a clock is ahead that has just been read, by the middle of the question, which began at `before`. */
function skewOf(timeMs: number, before: number): number {
  return timeMs - (before + Date.now()) / 2;
}

async function clock(sources: readonly (() => Promise<number>)[]): Promise<Answer> {
  const skews = await Promise.all(sources.map((ask) => ask().catch(() => Number.NaN)));
  const known = skews.filter((one) => !Number.isNaN(one));
  if (known.length === 0) return skipped('no server to compare with');
  const most = known.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  const seconds = Math.round(Math.abs(most) / 1000);
  if (Math.abs(most) < SKEW_WARNING_MS) return ok('as that of the servers');
  const what = `this container's clock is ${seconds} s ${most > 0 ? 'behind' : 'ahead of'} the servers'`;
  const advice = 'set the clock of this machine (NTP): times of logs are wrong, tokens and certificates may be refused';
  return Math.abs(most) < SKEW_FAILURE_MS ? warning(what, advice) : broken(what, advice);
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
