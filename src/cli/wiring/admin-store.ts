import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explainDatabaseError } from '#adapters/store/postgres/explain-error.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { ConfigSources } from '#config/load-config.ts';
import type { AdminStore, AuditEntry } from '#domain/admin-store.ts';
import type { ClientStore } from '#domain/client-store.ts';
import { messageOf } from '#domain/errors.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { readConfigHere } from './read-config.ts';
import { refuseJoined } from './refuse-joined.ts';

/**
 * Does work on the database itself, so that the first token needs no token: on PostgreSQL where `database.url` is set,
 * else on the SQLite file of --standalone. Resolves with the exit code; errors have been printed.
 */
export async function withAdminStore(
  sources: ConfigSources,
  work: (store: AdminStore & ClientStore, databaseUrl: string | undefined) => Promise<number>,
): Promise<number> {
  const config = await readConfigHere(sources);
  if (!config) return EXIT.configuration;
  const { url } = config.database;
  const path = join(resolve(config.data_dir ?? defaultDataDirectory(sources.env)), 'attune.db');
  if (url !== undefined && (await refuseJoined(url, 'ask them for tokens, keys and the names of workers')))
    return EXIT.configuration;
  if (url === undefined && !existsSync(path)) {
    await complain(
      `${path} is not there: --data names the data directory of --standalone, database.url a PostgreSQL database`,
    );
    return EXIT.configuration;
  }
  try {
    await using store = url === undefined ? openSqliteStore(path, Date.now) : openPostgresStore(url);
    return await work(store, url);
  } catch (error) {
    const isExplained = url === undefined || error instanceof Unavailable;
    await complain(isExplained ? messageOf(error) : explainDatabaseError(error, url));
    return EXIT.failure;
  }
}

/** The audit entry of a change that somebody made who can reach the database itself. */
export function localAuditEntry(action: string, subject: string): AuditEntry {
  return { at: Date.now(), actor: 'local', token: undefined, address: undefined, action, subject, status: 200 };
}
