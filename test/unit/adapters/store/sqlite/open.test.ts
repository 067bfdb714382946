import { expect, test } from 'bun:test';
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
