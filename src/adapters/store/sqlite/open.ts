import { Database } from 'bun:sqlite';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cipher, Ciphers } from '#domain/cipher.ts';
import attune from './migrations/0001-attune.sql' with { type: 'text' };
import controlPlane from './migrations/0002-control-plane.sql' with { type: 'text' };
import environments from './migrations/0003-environments.sql' with { type: 'text' };
import ephemeralWorkers from './migrations/0004-ephemeral-workers.sql' with { type: 'text' };
import audit from './migrations/0005-audit.sql' with { type: 'text' };
import leastPrivilege from './migrations/0006-least-privilege.sql' with { type: 'text' };
import leasesOfMessages from './migrations/0007-leases-of-messages.sql' with { type: 'text' };
import requesters from './migrations/0008-requesters.sql' with { type: 'text' };
import avoidedWorkers from './migrations/0009-avoided-workers.sql' with { type: 'text' };
import tokenOwners from './migrations/0010-token-owners.sql' with { type: 'text' };
import requestVariables from './migrations/0011-request-variables.sql' with { type: 'text' };
import pause from './migrations/0012-pause.sql' with { type: 'text' };
import encryptionSalt from './migrations/0013-encryption-salt.sql' with { type: 'text' };
import lanes from './migrations/0014-lanes.sql' with { type: 'text' };
import counters from './migrations/0015-counters.sql' with { type: 'text' };
import secretParameters from './migrations/0016-secret-parameters.sql' with { type: 'text' };
import parents from './migrations/0017-parents.sql' with { type: 'text' };
import settings from './migrations/0018-settings.sql' with { type: 'text' };
import timelines from './migrations/0019-timelines.sql' with { type: 'text' };
import origins from './migrations/0020-origins.sql' with { type: 'text' };
import schedules from './migrations/0021-schedules.sql' with { type: 'text' };
import retention from './migrations/0022-retention.sql' with { type: 'text' };
import confinedTokens from './migrations/0023-confined-tokens.sql' with { type: 'text' };
import secretSchedules from './migrations/0024-secret-schedules.sql' with { type: 'text' };
import webhooks from './migrations/0025-webhooks.sql' with { type: 'text' };
import webhookMessages from './migrations/0026-webhook-messages.sql' with { type: 'text' };
import versionsOfArtifacts from './migrations/0027-versions-of-artifacts.sql' with { type: 'text' };
import durationsOfAttempts from './migrations/0028-durations-of-attempts.sql' with { type: 'text' };
import livingWorkers from './migrations/0029-living-workers.sql' with { type: 'text' };

/** Forward only; `user_version` counts those that were applied. */
export const migrations: readonly string[] = [
  attune,
  controlPlane,
  environments,
  ephemeralWorkers,
  audit,
  leastPrivilege,
  leasesOfMessages,
  requesters,
  avoidedWorkers,
  tokenOwners,
  requestVariables,
  pause,
  encryptionSalt,
  lanes,
  counters,
  secretParameters,
  parents,
  settings,
  timelines,
  origins,
  schedules,
  retention,
  confinedTokens,
  secretSchedules,
  webhooks,
  webhookMessages,
  versionsOfArtifacts,
  durationsOfAttempts,
  livingWorkers,
];

export interface Sqlite {
  readonly database: Database;
  readonly now: () => number;
  /** Whether messages about each change of status are wanted. */
  readonly events: { areWanted: boolean };
}

/** The database, the clock and the owner of workers that a query works with. */
export interface Caller extends Sqlite {
  /** The owner of the workers that the query is for, as `token:ID`; undefined: all workers. */
  readonly owner: string | undefined;
  /** The cipher of keys and secret results; undefined if none can be stored or read. */
  readonly cipher: Cipher | undefined;
  readonly ciphers: Ciphers | undefined;
}

export interface ScopedCaller extends Caller {
  readonly owner: string;
}

const OWN_FILE = 0o600;

/** Opens or makes the file, in WAL mode, and migrates it. Throws an error of SQLite or of the file system. */
export function openSqlite(path: string, now: () => number): Sqlite {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeToOthers(path);
  const database = new Database(path, { create: true, strict: true });
  database.run('PRAGMA busy_timeout = 5000');
  database.run('PRAGMA journal_mode = WAL');
  /* What was confirmed survives a power cut: each commit is on the disk before it is answered. */
  database.run('PRAGMA synchronous = FULL');
  database.run('PRAGMA foreign_keys = ON');
  database.transaction(() => migrate(database)).immediate();
  return { database, now, events: { areWanted: false } };
}

/** The files of a database are its user's alone, also in a directory that others may enter. */
function closeToOthers(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', OWN_FILE)); /* SQLite gives those beside it the same mode */
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    try {
      chmodSync(file, OWN_FILE);
    } catch {
      /* There is no such file, or it is somebody else's, who decides. */
    }
  }
}

function migrate(database: Database): void {
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get();
  const applied = row?.user_version ?? 0;
  if (applied > migrations.length)
    throw new Error(`its schema has version ${applied}: this program knows ${migrations.length}`);
  for (const sql of migrations.slice(applied)) database.run(sql);
  database.run(`PRAGMA user_version = ${migrations.length}`);
}
