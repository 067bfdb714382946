import { expect, test } from 'bun:test';
import { partsOf } from '#execution/masking/parts.ts';
import { hideUserInfo, withoutUserInfo } from '#execution/masking/user-info.ts';
import { masked } from './masked.ts';

test('of a secret that is a URL, user and password are masked by themselves, as written and decoded', async () => {
  const url = 'https://deploy:p%40ss-w%2Frd9@registry.example/simple/';
  expect(await masked([url], ['user deploy:p@ss-w/rd9 and p%40ss-w%2Frd9 and p@ss-w/rd9 of registry.example'])).toBe(
    'user *** and *** and *** of registry.example',
  );
  expect(await masked(['amqp://guest:guest@host'], ['guest, be my guest: guest:guest'])).toBe(
    'guest, be my guest: ***',
  );
});

test.each([
  ['https://deploy:p@ss-w0rd9@h/x', 'p@ss-w0rd9'],
  ['jdbc:postgresql://u:hunter2hunter2@h:5432/db', 'hunter2hunter2'],
  ['DATABASE_URL=postgres://u:hunter2hunter2@h/db', 'hunter2hunter2'],
  ['{"url":"postgres://u:hunter2hunter2@h","mail":"me@example.org"}', 'hunter2hunter2'],
  ['first=1 amqp://u:hunter2a@h postgres://u:hunter2b@h', 'hunter2b'],
  ['postgres://u:hunter2/hunter@h/db', 'hunter2/hunter'],
  ['https://ghp_0123456789abcdefghij@github.example/x', 'ghp_0123456789abcdefghij'],
  ['host=h user=u password=hunter2hunter2 dbname=d', 'hunter2hunter2'],
  ["PGPASSWORD='hunter2 hunter2'", 'hunter2 hunter2'],
  ['{"user":"deploy","password":"hunter2\\"hunter2"}', 'hunter2"hunter2'],
  ['{"a":[{"url":"https:\\/\\/u:hunter2hunter2@h"}]}', 'hunter2hunter2'],
])('a password within a secret is masked by itself: %s', async (secret, password) => {
  expect(await masked([secret], [`use <${password}> of a host`])).toBe('use <***> of a host');
});

test('what is short in a secret, or no password, stays readable', async () => {
  const text = 'u p u:p me@example.org postgres example h db list';
  expect(await masked(['https://u:p@h/x', 'postgres://postgres@h/db', '{"a":"list","b":[1,"db"]}'], [text])).toBe(text);
  expect(partsOf(`${'['.repeat(60_000)}${']'.repeat(60_000)}`)).toEqual([]);
});

const hidden: readonly (readonly [string, string])[] = [
  ['https://u:p@ss-w0rd@h/x', 'https://***@h/x'],
  [`https://aws:${'x'.repeat(1200)}@h/x`, 'https://***@h/x'],
  ['https://u:pa\'s"s<w>o(r)d@h', 'https://***@h'],
  ['"https://u:pa"ss@h", "b"', '"https://***@h", "b"'],
  ["--index-url='https://u:p'w@h/x'", "--index-url='https://***@h/x'"],
  ['PIP_INDEX_URL=https://u:p/w@h/x', 'PIP_INDEX_URL=https://***@h/x'],
  ['X_https://u:p@h', 'X_https://***@h'],
  ['"https:\\/\\/u:p@h\\/x"', '"https:\\/\\/***@h\\/x"'],
  ['https://a.example,https://u:p@h,https://v:q@i', 'https://a.example,https://***@h,https://***@i'],
  ['{"a":"https://x.example","b":"me@y.example"}', '{"a":"https://x.example","b":"me@y.example"}'],
  [
    '{\\"a\\":\\"https://x.example\\",\\"b\\":\\"me@y.example\\"}',
    '{\\"a\\":\\"https://x.example\\",\\"b\\":\\"me@y.example\\"}',
  ],
  ['<a href="https://x.example">me@y.example</a>', '<a href="https://x.example">me@y.example</a>'],
  ['https://h:8080/@scope/x@1.0 https://[::1]:80/@x', 'https://h:8080/@scope/x@1.0 https://[::1]:80/@x'],
  ['see https://h/x?mail=a@b and file:///a@b', 'see https://h/x?mail=a@b and file:///a@b'],
];

test.each(hidden)('of a text, user and password of URLs are hidden and nothing else: %s', (text, shown) => {
  expect(withoutUserInfo(text)).toBe(shown);
});

test('a letter whose bytes have a blank among them does not end a password', async () => {
  const parts: Uint8Array[] = [];
  const output = hideUserInfo((bytes) => void parts.push(bytes));
  await output.write(Buffer.from('https://u:voil\u00e0@h/x\n'));
  await output.close();
  expect(Buffer.concat(parts).toString()).toBe('https://***@h/x\n');
});

test('URLs in a line of any length are hidden, wherever it is divided, and many of them soon', async () => {
  const parts: Uint8Array[] = [];
  const output = hideUserInfo((bytes) => void parts.push(bytes));
  const words = `${'word '.repeat(20_000)}https://u:to`;
  await output.write(Buffer.from(words));
  await output.write(Buffer.from('ken@h/x'));
  await output.close();
  expect(Buffer.concat(parts).toString()).toBe(`${'word '.repeat(20_000)}https://***@h/x`);
  for (const piece of ['a://', 'a://b:', 'a://b:c@', '"a://b:c"', 'a://b:c/'])
    expect(withoutUserInfo(`${piece.repeat(100_000)}@`)).not.toContain('c@');
});

test('URLs of any output lose what stands before the @', () => {
  expect(withoutUserInfo('Looking in https://u:tok-1@a.example/x, git+ssh://git@b.example and mail to a@b.c')).toBe(
    'Looking in https://***@a.example/x, git+ssh://***@b.example and mail to a@b.c',
  );
});

test('wherever chunks divide the output', async () => {
  const text = 'é Looking in https://user:token@a.example/x\rdone\nno end';
  for (let at = 0; at <= Buffer.byteLength(text); at++) {
    const parts: Uint8Array[] = [];
    const shown = hideUserInfo((bytes) => void parts.push(bytes));
    const bytes = Buffer.from(text);
    await shown.write(bytes.subarray(0, at));
    await shown.write(bytes.subarray(at));
    await shown.close();
    expect(Buffer.concat(parts).toString()).toBe(text.replace('user:token', '***'));
  }
});
