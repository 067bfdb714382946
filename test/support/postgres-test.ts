import { test } from 'bun:test';
import { existsSync } from 'node:fs';

/** A server can be had: given, installed, or made by root. */
export const canHavePostgres =
  process.env['ATTUNE_TEST_DATABASE_URL'] !== undefined ||
  process.getuid?.() === 0 ||
  existsSync('/usr/lib/postgresql');

/** A test on a real PostgreSQL. Where none can be had it is skipped, and its title says why; CI is root and never skips. */
export function postgresTest(title: string, body: () => Promise<void>): void {
  if (canHavePostgres) test(title, body, 120_000);
  else test.skip(`${title} (skipped: needs root, PostgreSQL, or ATTUNE_TEST_DATABASE_URL)`, body);
}
