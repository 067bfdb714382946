import { expect, test } from 'bun:test';
import { hostsOf, withHostParameters } from '#domain/host-parameters.ts';

const readings: readonly (readonly [written: string, host: string | null, port: string | null, password: string])[] = [
  ['postgres://u:pw@a,b/db', 'a,b', null, 'pw'],
  ['postgresql://u:pw@a:1,b:2/db?target_session_attrs=primary', 'a,b', '1,2', 'pw'],
  ['postgres://u:p,w@a:1,b/db', 'a,b', '1,5432', 'p,w'],
  ['postgres://u:p%40w%2F%3F%23%25@a,b,c:7/db', 'a,b,c', '5432,5432,7', 'p%40w%2F%3F%23%25'],
  ['postgres://a,b', 'a,b', null, ''],
  ['postgres://u:pw@[::1]:5,[::2]/db', '[::1],[::2]', '5,5432', 'pw'],
  ['postgres://u:pw@/db?host=/cloudsql/a:b:c', '/cloudsql/a:b:c', null, 'pw'],
  ['postgres:///db?host=/run&port=1&user=u&password=p+%26w', '/run', '1', 'p%2B%26w'],
  ['postgres://h?dbname=db&password=p%2540w', null, null, 'p%2540w'],
  ['postgres://u:pw@%2Frun%2Fpostgresql/db', '/run/postgresql', null, 'pw'],
  ['postgres://u:pw@%2Frun%2Fpostgresql:6543/db', '/run/postgresql', '6543', 'pw'],
];

test.each(readings.map((one) => [one[0], one] as const))('%s is read as libpq reads it', (_, reading) => {
  const [written, host, port, password] = reading;
  const url = new URL(withHostParameters(written));
  expect([url.searchParams.get('host'), url.searchParams.get('port'), url.password]).toEqual([host, port, password]);
  expect(url.pathname).toBe(/[/=]db/.test(written) ? '/db' : '');
  if (/[/=:]u\b/.test(written)) expect(url.username).toBe('u');
});

test('URLs of one host, and what is no URL, stay as they are', () => {
  for (const text of ['postgres://u:p,w@a:1/db,c', 'postgres://h/db?host=/run', 'amqp://a,b', 'nothing', ''])
    expect(withHostParameters(text)).toBe(text);
});

test('each host is known with its port, wherever the URL names it', () => {
  const named = [
    'postgres://a:1/db',
    'amqp://[::1]',
    withHostParameters('postgres://a:1,[::2]/db'),
    'postgres:///?host=/run',
  ];
  expect(named.map((url) => hostsOf(url).map(({ host, port }) => `${host} ${port}`))).toEqual([
    ['a 1'],
    ['[::1] '],
    ['a 1', '[::2] 5432'],
    ['/run '],
  ]);
});
