import { join, resolve } from 'node:path';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { ConfigSources } from '#config/load-config.ts';
import type { AdminStore, AuditEntry } from '#domain/admin-store.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { describeDatabaseFailure } from './database-failure.ts';
import { readConfig } from './read-config.ts';

/**
 * Works on the database itself, so that the first token needs no token: PostgreSQL where `database.url` is set, else the
 * SQLite file of --standalone. Resolves with the exit code; errors have been printed.
 */
export async function withAdminStore(
  sources: ConfigSources,
  work: (store: AdminStore, databaseUrl: string | undefined) => Promise<number>,
): Promise<number> {
  const config = await readConfig(sources);
  if (!config) return EXIT.configuration;
  const { url } = config.database;
  const path = join(resolve(config.data_dir ?? defaultDataDirectory(sources.env)), 'attune.db');
  let exitCode: number = EXIT.failure;
  const flaw = await describeDatabaseFailure(async () => {
    await using store = url === undefined ? openSqliteStore(path, Date.now) : openPostgresStore(url);
    exitCode = await work(store, url);
  }, url ?? path);
  if (flaw !== undefined) await complain(flaw);
  return exitCode;
}

/** The audit entry of a change that somebody made who can reach the database itself. */
export function localAuditEntry(action: string, subject: string): AuditEntry {
  return { at: Date.now(), actor: 'local', token: undefined, address: undefined, action, subject, status: 200 };
}
