import postgres from 'postgres';
import { preparePassword } from '#crypto/saslprep.ts';
import type { Ciphers } from '#domain/cipher.ts';
import type { LogRetention, SharedVolume } from '#domain/shared-volume.ts';
import { startTimer } from '#domain/timer.ts';
import { parseStoredJson } from '#formats/json.ts';
import { storableJson, storableText } from '#formats/storable.ts';
import { chooseHost, type HostState } from './choose-host.ts';
import { readAddress } from './read-address.ts';
import { readTls } from './tls.ts';

export type Sql = postgres.Sql;

/** The connection of a query that may be part of a transaction. */
export interface Connected {
  readonly sql: Sql | postgres.TransactionSql;
}

/** The connection, the owner of workers and the ciphers that a query works with. */
export interface Caller extends Connected {
  readonly sql: Sql;
  /** The owner of the workers that the query is for, as in `worker.owner`; undefined: all, where the login may. */
  readonly owner: string | undefined;
  /** The ciphers of keys and secret results; undefined if none can be stored or read. */
  readonly ciphers: Ciphers | undefined;
  readonly shared: SharedFiles | undefined;
}

/** The files that executions of Attune's Rust control plane leave, and for how long they are kept. */
export interface SharedFiles {
  readonly volume: SharedVolume;
  readonly retention: LogRetention;
}

export interface ScopedCaller extends Caller {
  readonly owner: string;
}

const CONNECT_TIMEOUT_S = 10;
/** PostgreSQL's numbers of its types. */
const TEXT = 25;
const JSON_TYPE = 114;
const JSONB_TYPE = 3802;

/** The options with which sessions are opened. */
export interface SessionOptions {
  /** The most connections that are open at once. */
  readonly connections: number;
  /**
   * Parameters that hold for the whole session. Undefined: behind a pooler, whose sessions belong to nobody: it refuses
   * parameters, and statements have no names.
   */
  readonly parameters: Readonly<Record<string, string | number>> | undefined;
  readonly connectTimeoutS?: number;
}

/** The schemas in which the names of tables and functions are looked for. */
export const SEARCH_PATH = 'attune,public';

/** Makes a pool of sessions, of which the first query opens one. */
export function openSessions(
  url: string,
  { connections, parameters, connectTimeoutS = CONNECT_TIMEOUT_S }: SessionOptions,
): Sql {
  const { url: text, ssl } = readTls(url);
  const { server, session } = readAddress(text);
  return postgres({
    ...server,
    ...(server.password !== undefined && { password: passwordFor(server.password) }),
    ssl,
    max: connections,
    connect_timeout: connectTimeoutS,
    onnotice: () => {},
    backoff: () => 0.05 /* who calls waits between attempts */,
    max_lifetime: null /* the pool is renewed when a connection fails */,
    fetch_types: false /* lists travel as JSON: a connection is ready one round trip earlier */,
    prepare: parameters !== undefined,
    types: {
      json: { to: JSON_TYPE, from: [JSON_TYPE, JSONB_TYPE], serialize: storableJson, parse: parseStoredJson },
      text: { to: TEXT, from: [TEXT], serialize: storableText, parse: (text: string) => text },
    },
    connection: { application_name: 'attune-agent', ...session, ...parameters },
  });
}

/** A password as the driver asks for it, with the name of the mechanism if that is SCRAM. Others take it as it is. */
function passwordFor(password: string): (mechanism?: string) => Promise<string> {
  return async (mechanism) => (mechanism === undefined ? password : await preparePassword(password));
}

/**
 * Makes a pool of sessions that works behind a pooler too, for statements that name their schema or begin a transaction
 * that sets its search path.
 */
export async function openUnnamed(url: string): Promise<Sql> {
  return openSessions(await chooseHost(url, stateOf), { connections: 1, parameters: undefined });
}

/** A host that does not answer so long is passed over. */
const STATE_TIMEOUT_S = 5;

/** Asks a host whether it can be written to. */
export async function stateOf(url: string): Promise<HostState> {
  const sql = openSessions(url, { connections: 1, parameters: undefined, connectTimeoutS: STATE_TIMEOUT_S });
  const late = Promise.withResolvers<never>();
  /* The driver itself tries for ever where connections are accepted and closed again. */
  const timer = startTimer(STATE_TIMEOUT_S * 1000, () =>
    late.reject(Object.assign(new Error(`no answer within ${STATE_TIMEOUT_S} s`), { code: 'CONNECT_TIMEOUT' })),
  );
  try {
    const asked = sql<HostState[]>`
      SELECT pg_is_in_recovery() AS "isStandby", current_setting('transaction_read_only') = 'on' AS "isReadOnly"`;
    const [row] = await Promise.race([asked, late.promise]);
    return row ?? { isStandby: false, isReadOnly: false };
  } finally {
    timer.stop();
    await sql.end({ timeout: 0 });
  }
}
