import { expect, test } from 'bun:test';
import { openSessions } from '#adapters/store/postgres/connect.ts';
import { readAddress } from '#adapters/store/postgres/read-address.ts';

/** What the driver makes of a URL; it connects with the first query only. */
async function driven(url: string) {
  const { host, port, path, user, pass, database, connection } = openSessions(url, {
    connections: 1,
    parameters: { search_path: 'attune', statement_timeout: 5 },
  }).options;
  const given: unknown = pass; /* a function that prepares it as SCRAM wants it, which the types do not know */
  const password: unknown = typeof given === 'function' ? await given() : given;
  return { host, port, path, user, password, database, connection };
}

test('the driver gets addresses of IPv6, capitals, directories, and names that are encoded', async () => {
  const expected: Readonly<Record<string, object>> = {
    'postgres://u@[::1]:7/db': { host: ['::1'], port: [7], path: false, database: 'db' },
    'postgres://u@LocalHost/db': { host: ['localhost'], port: [5432] },
    'postgres://o%40d:p%40w%2F%25@h/a%2Fb%20%C3%BC': { user: 'o@d', password: 'p@w/%', database: 'a/b ü' },
    'postgres://u@localhost:9/db?host=%2Fsql%2Fa%3Ab': { path: '/sql/a:b/.s.PGSQL.9' },
  };
  for (const [url, what] of Object.entries(expected)) expect(await driven(url)).toMatchObject(what);
});

test('parameters of libpq are no settings of the session, others are, and none takes the place of ours', async () => {
  const url = 'postgres://u@h/d?keepalives=1&gssencmode=prefer&connect_timeout=3&client_encoding=UTF8&timezone=UTC';
  const ours = { application_name: 'attune-agent', search_path: 'attune', statement_timeout: 5 };
  expect((await driven(`${url}&search_path=public&statement_timeout=1`)).connection).toEqual({
    ...ours,
    timezone: 'UTC',
  });
  expect((await driven(`${url}&application_name=mine`)).connection).toMatchObject({ application_name: 'mine' });
});

test('a parameter that asks for more than can be done is refused by its name, without its value', () => {
  const refused = [
    'channel_binding=require',
    'sslpassword=hunter2',
    'passfile=/hunter2',
    'replication=true',
    'hostaddr=::1',
  ];
  for (const parameter of refused) {
    const [name = '', value = ''] = parameter.split('=');
    const reading = (): unknown => readAddress(`postgres://u@h/d?${parameter}`);
    expect(reading).toThrow(`the parameter ${name} of its URL asks for what is not done here`);
    expect(reading).not.toThrow(value);
  }
});
