import { expect, test } from 'bun:test';
import { explainDatabaseError, mayPass } from '#adapters/store/postgres/explain-error.ts';
import { Unavailable } from '#domain/unavailable.ts';

const withCode = (code: string): Error => Object.assign(new Error('what the server said'), { code });

/* lock_timeout, damaged data, a table amid a migration, a replica, no connection to spare, a start, a full disk. */
const thatPass = [
  '55P03',
  'XX001',
  '42P01',
  '25006',
  '53300',
  '57P03',
  '53100',
  '40P01',
  '57014',
  '08006',
  '42501',
  'ZZ123',
];

test.each(thatPass)('the error %s of a database may pass', (code) => {
  expect(mayPass(withCode(code))).toBe(true);
});

test.each(['22P02', '22003', '23505', '42601', '54000', '0A000', 'P0001'])(
  'the error %s lies in the statement, and waiting does not mend it',
  (code) => expect(mayPass(withCode(code))).toBe(false),
);

test('a database that writes nothing before a VACUUM, and a plan of a table that has changed, may pass', () => {
  const by = (code: string, routine: string): Error => Object.assign(withCode(code), { routine });
  expect(mayPass(by('54000', 'GetNewTransactionId'))).toBe(true);
  expect(mayPass(by('54000', 'GetNewMultiXactId'))).toBe(true);
  expect(mayPass(by('0A000', 'RevalidateCachedQuery'))).toBe(true);
  expect(mayPass(by('54000', '_bt_check_third_page'))).toBe(false);
});

test('errors of the network pass; defects, and what is known to be unavailable, are left as they are', () => {
  expect(mayPass(withCode('ECONNRESET'))).toBe(true);
  expect(mayPass(withCode('UNDEFINED_VALUE'))).toBe(false);
  expect(mayPass(new TypeError('a defect'))).toBe(false);
  expect(mayPass(new Unavailable('away'))).toBe(false);
});

test('an explanation names the database, and no part of the password', () => {
  const text = explainDatabaseError(withCode('53300'), 'postgres://me:s3%40cret@db.example:6432/attune');
  expect(text).toBe('database db.example:6432/attune: it has no connection to spare (what the server said)');
});
