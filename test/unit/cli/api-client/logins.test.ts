import { expect, test } from 'bun:test';
import { chmodSync, chownSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { chooseServer, codeWithoutServer } from '#cli/api-client/choose-server.ts';
import { logInHere } from '#cli/api-client/log-in-here.ts';
import { readLogins, withoutLogin, writeLogins } from '#cli/api-client/logins.ts';
import { loadConfig } from '#config/load-config.ts';
import { rootTest } from '#test/support/root-test.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

const lab = { api_url: 'http://lab:1', api_token: 'att_lab' };
const home = (directory: TemporaryDirectory) => ({ XDG_CONFIG_HOME: directory.path });

function chosen(env: Record<string, string>, flags: Record<string, unknown> = {}): unknown {
  const sources = { flags, env, file: undefined };
  const loaded = loadConfig(sources, { hostname: 'h', isContainer: false });
  if (!loaded.ok) throw new Error(loaded.error.join());
  const server = chooseServer(loaded.value.config, sources);
  return server.ok ? server.value : server.error;
}

test('several logins are kept, readable by their owner only, and one of them is current', () => {
  using directory = temporaryDirectory();
  const env = home(directory);
  const path = writeLogins(env, { current: 'lab', contexts: { lab, home: { api_url: 'http://home:1' } } });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(chosen(env)).toEqual(lab);
  expect(chosen(env, { api_context: 'home' })).toEqual({ api_url: 'http://home:1' });
  expect(chosen({ ...env, ATTUNE_CONTEXT: 'home' })).toEqual({ api_url: 'http://home:1' });
  expect(chosen({ ...env, ATTUNE_API_URL: 'http://other:1' })).toEqual({ api_url: 'http://other:1' });
  expect(chosen(env, { api_context: 'server-9' })).toStartWith("there is no context 'server-9' (there are: lab, home)");
  expect(chosen(env, { api_context: 'lap' })).toStartWith("there is no context 'lap', did you mean 'lab'?");
  expect(chosen(env, { api_context: 'lab', api_url: 'http://x:1' })).toContain('keep one of them');
  const kept = readLogins(env);
  expect(kept.ok && withoutLogin(kept.value, 'lab')).toEqual({ contexts: { home: { api_url: 'http://home:1' } } });
});

test('the one login that an earlier version has kept is the context default', () => {
  using directory = temporaryDirectory();
  directory.file('attune-agent/client.yaml', 'api_url: http://lab:1\napi_token: att_lab\n');
  expect(readLogins(home(directory))).toEqual({
    ok: true,
    value: { current: 'default', contexts: { default: lab } },
  });
});

const unsafe = (path: string, why: string) =>
  ({ ok: false, error: expect.stringContaining(`${path} is not read: ${why}`) }) as const;

rootTest(
  'a login that another user has kept is not taken, since the token would go to the server that it names',
  () => {
    using directory = temporaryDirectory();
    const path = directory.file('attune-agent/client.yaml', 'api_url: http://evil:1\n');
    chownSync(path, 64_123, 64_123);
    expect(readLogins(home(directory))).toEqual(unsafe(path, 'it belongs to the user 64123'));
    expect(chosen({ ...home(directory), ATTUNE_API_TOKEN: 'att_own' })).toContain('is not read');
    chownSync(path, 0, 0);
    expect(readLogins(home(directory))).toMatchObject({ ok: true });
  },
);

test('a login that everybody may change is not taken, and no byte of it is read', () => {
  using directory = temporaryDirectory();
  const path = directory.file('attune-agent/client.yaml', 'api_url: http://evil:1\n');
  chmodSync(path, 0o646);
  expect(readLogins(home(directory))).toEqual(unsafe(path, 'everybody may write to it'));
  rmSync(path);
  symlinkSync('/dev/zero', path);
  expect(readLogins(home(directory))).toMatchObject({ ok: false });
});

test('a login is not written into what others have put beside it', () => {
  using directory = temporaryDirectory();
  const planted = directory.file(`attune-agent/client.yaml.${process.pid}`, '');
  const path = writeLogins(home(directory), { contexts: { lab } });
  expect(readFileSync(planted, 'utf8')).toBe('');
  expect(readFileSync(path, 'utf8')).toContain('att_lab');
});

test('--standalone logs its user in, and leaves the login for another server the current one', () => {
  using directory = temporaryDirectory();
  const env = home(directory);
  const here = { api_url: 'http://127.0.0.1:8080', api_token: 'att_here' };
  expect(logInHere({}, here)).toBe('login');
  expect(logInHere(env, { ...here, api_url: 'http://127.0.0.1:8099' })).toBe('nothing');
  expect(logInHere(env, here)).toBe('replaced');
  expect(logInHere(env, here)).toBe('nothing');
  expect(chosen(env)).toEqual(here);
  writeLogins(env, { current: 'lab', contexts: { lab } });
  expect(logInHere(env, here)).toBe('context');
  expect(chosen(env)).toEqual(lab);
  expect(readFileSync(join(directory.path, 'attune-agent/client.yaml'), 'utf8')).toContain('att_here');
});

test.each([
  ['current: lab\ncontexts: [\n', /client\.yaml:\d+:\d+: .*; mend it, or remove it and log in again$/],
  [
    'contexts:\n  lab: { api_token: att_secret }\n',
    /client\.yaml:2:8: contexts\.lab\.api_url: is missing: expected text; /,
  ],
  [
    'contexts:\n  lab: { api_url: 5, api_token: att_secret }\n',
    /client\.yaml:2:19: contexts\.lab\.api_url: expected text/,
  ],
  ['- lab\n', /client\.yaml:1:1: expected an object/],
])('a file of logins that is broken is an error with its place, and no login: %j', (text, sentence) => {
  using directory = temporaryDirectory();
  const env = home(directory);
  const path = directory.file('attune-agent/client.yaml', text);
  expect(chosen(env)).toMatch(sentence);
  expect(chosen(env, { api_context: 'lab' })).toMatch(sentence);
  expect(chosen(env)).not.toContain('att_secret');
  expect(codeWithoutServer({ env })).toBe(78);
  expect(logInHere(env, lab)).toBe('login');
  expect(readFileSync(path, 'utf8')).toBe(text);
  const whole = { ATTUNE_API_URL: 'http://other:1', ATTUNE_API_TOKEN: 'att_other' };
  expect(chosen({ ...env, ...whole })).toEqual({ api_url: 'http://other:1', api_token: 'att_other' });
});

test('no file of logins, and an empty one, are no login', () => {
  using directory = temporaryDirectory();
  expect(readLogins(home(directory))).toEqual({ ok: true, value: { contexts: {} } });
  directory.file('attune-agent/client.yaml', '');
  expect(readLogins(home(directory))).toEqual({ ok: true, value: { contexts: {} } });
});
