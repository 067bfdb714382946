import { expect, test } from 'bun:test';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '#adapters/store/sqlite/open.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('each commit waits for the disk, so that a power cut loses nothing that was answered', () => {
  using directory = temporaryDirectory();
  const { database } = openSqlite(join(directory.path, 'attune.db'), Date.now);
  expect(database.query('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(database.query('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  database.close();
});

test("a database is its user's alone, also one that was made open in a directory that everybody may enter", () => {
  using directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  const path = join(directory.path, 'attune.db');
  for (const wasOpen of [false, true]) {
    if (wasOpen) chmodSync(path, 0o644);
    const { database } = openSqlite(path, Date.now);
    database.run('CREATE TABLE IF NOT EXISTS probe (id INTEGER)');
    const modes = readdirSync(directory.path).map((name) => statSync(join(directory.path, name)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    database.close();
  }
});
