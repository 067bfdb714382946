import { codeOf, messageOf } from '#domain/errors.ts';
import type { TroubleWord } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';

/** The errors of SQLite that pass when somebody makes room, mends the disk or lets go of the file, by primary code. */
const passing: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'its disk is full',
  SQLITE_IOERR: 'its disk cannot be read or written',
  SQLITE_READONLY: 'it can only be read',
  SQLITE_CANTOPEN: 'its files cannot be opened',
  SQLITE_BUSY: 'another process works with it',
  SQLITE_LOCKED: 'another process works with it',
  SQLITE_NOMEM: 'there is no memory for it',
};

const words: Readonly<Record<string, TroubleWord>> = {
  SQLITE_FULL: 'full',
  SQLITE_READONLY: 'read-only',
  SQLITE_IOERR: 'failing',
};

/** Turns the error of a query into Unavailable where trying again later is right. */
export function explainSqliteError(error: unknown, path: string): unknown {
  const [primary = ''] = /^SQLITE_[A-Z]+/.exec(codeOf(error) ?? '') ?? [];
  const cause = passing[primary];
  if (cause === undefined) return error;
  return new Unavailable(`database ${path}: ${cause} (${messageOf(error)})`, {
    cause: error,
    word: words[primary] ?? 'database',
  });
}
