import { expect, test } from 'bun:test';
import { chooseHost, hasSeveralHosts } from '#adapters/store/postgres/choose-host.ts';

/** What each host is: a primary, a standby, a primary that is set to read only, or down. */
const kinds: Readonly<Record<string, { isStandby: boolean; isReadOnly: boolean }>> = {
  primary: { isStandby: false, isReadOnly: false },
  frozen: { isStandby: false, isReadOnly: true },
  standby: { isStandby: true, isReadOnly: true },
};

const asked: string[] = [];

async function stateOf(url: string): Promise<{ isStandby: boolean; isReadOnly: boolean }> {
  asked.push(url);
  const kind = kinds[new URL(url).hostname];
  if (kind) return kind;
  throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
}

async function chosen(hosts: string, wish?: string): Promise<string> {
  const attributes = wish === undefined ? '' : `&target_session_attrs=${wish}`;
  try {
    return new URL(await chooseHost(`postgres://u:pw@x/db?host=${hosts}${attributes}`, stateOf)).hostname;
  } catch (error) {
    return String(error);
  }
}

test('the first host that is what target_session_attrs wants, one that can be written to by default', async () => {
  expect(await chosen('down,standby,frozen,primary')).toBe('primary');
  expect(await chosen('down,standby,frozen,primary', 'read-write')).toBe('primary');
  expect(await chosen('down,standby,frozen,primary', 'primary')).toBe('frozen');
  expect(await chosen('down,standby,frozen,primary', 'any')).toBe('standby');
  expect(await chosen('down,primary,standby', 'standby')).toBe('standby');
  expect(await chosen('down,primary,standby', 'prefer-standby')).toBe('standby');
  expect(await chosen('down,primary', 'prefer-standby')).toBe('primary');
  expect(await chosen('primary,frozen', 'read-only')).toBe('frozen');
});

test('without such a host the error says so, and never a password', async () => {
  expect(await chosen('standby,frozen')).toBe('Error: none of the hosts is read-write');
  expect(await chosen('down,down')).toBe('Error: refused');
  expect(await chosen('a,b', 'whatever')).toContain('target_session_attrs=whatever: expected any, read-write');
});

test('each host with its port, a directory as a directory, and one host without a question', async () => {
  asked.length = 0;
  await chooseHost('postgres://u:p%40w@x:9/db?host=a,[::1],/run,::2&port=1,2,3,4&x=y', stateOf).catch(() => {});
  expect(asked).toEqual([
    'postgres://u:p%40w@a:1/db?x=y',
    'postgres://u:p%40w@[::1]:2/db?x=y',
    'postgres://u:p%40w@localhost:3/db?x=y&host=%2Frun',
    'postgres://u:p%40w@[::2]:4/db?x=y',
  ]);
  asked.length = 0;
  expect(await chooseHost('postgres://u@a:1/db', stateOf)).toBe('postgres://u@a:1/db');
  expect(await chooseHost('postgres://u@a/db?host=/run', stateOf)).toBe('postgres://u@localhost/db?host=%2Frun');
  expect([asked.length, hasSeveralHosts('postgres://a/?host=b,c'), hasSeveralHosts('postgres://a')]).toEqual([
    0,
    true,
    false,
  ]);
});
