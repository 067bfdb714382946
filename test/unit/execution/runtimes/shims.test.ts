import { expect, test } from 'bun:test';
import type { Interpreter } from '#domain/runtime.ts';
import { withoutShims } from '#execution/runtimes/shims.ts';

const at = (family: string, path: string, version: string): Interpreter => ({
  family,
  path,
  realPath: path,
  version,
  problem: undefined,
  probeMs: 1,
});

test('the program behind a shim takes its place, and is there once', () => {
  const interpreters = [
    at('python', '/home/a/.pyenv/shims/python3', '3.11.7'),
    at('python', '/usr/bin/python3', '3.11.7'),
    at('python', '/home/a/.pyenv/versions/3.12.1/bin/python3', '3.12.1'),
    at('python', '/home/a/.pyenv/versions/3.11.7/bin/python3', '3.11.7'),
    at('python', '/home/a/.pyenv/shims/python', '3.11.7'),
  ];
  expect(withoutShims(interpreters).map((one) => one.path)).toEqual([
    '/home/a/.pyenv/versions/3.11.7/bin/python3',
    '/usr/bin/python3',
    '/home/a/.pyenv/versions/3.12.1/bin/python3',
  ]);
});

test('proxies of rustup, volta and mise are known by their real file', () => {
  for (const proxy of ['rustup', 'volta-shim', 'mise'])
    expect(
      withoutShims([
        { ...at('rust', '/root/.cargo/bin/rustc', '1.79.0'), realPath: `/root/.cargo/bin/${proxy}` },
        at('rust', '/root/.rustup/toolchains/stable/bin/rustc', '1.79.0'),
      ]).map((one) => one.path),
    ).toEqual(['/root/.rustup/toolchains/stable/bin/rustc']);
});

test('a shim of proto stands for what proto has installed, before what others have', () => {
  const interpreters = [
    at('node', '/home/a/.proto/shims/node', '20.11.1'),
    at('node', '/home/a/.nvm/versions/node/v20.11.1/bin/node', '20.11.1'),
    at('node', '/home/a/.proto/tools/node/20.11.1/bin/node', '20.11.1'),
  ];
  expect(withoutShims(interpreters)[0]?.path).toBe('/home/a/.proto/tools/node/20.11.1/bin/node');
});

test('a shim whose program is not known stays', () => {
  const interpreters = [at('ruby', '/opt/x/shims/ruby', '3.2.2'), at('ruby', '/usr/bin/ruby', '3.1.2')];
  expect(withoutShims(interpreters)).toEqual(interpreters);
});
