import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { codeInEntryPoint, type JoinedColumns, restoreParameters, runtimeNameOf } from '#adapters/store/joined-row.ts';
import { readReadableKeys } from '#adapters/store/key-values.ts';
import { createCiphers } from '#crypto/cipher.ts';
import { sha256Of } from '#crypto/sha256.ts';
import { SECRET_MARKER } from '#domain/joined-execution.ts';

const SECRET = 'a key of thirty-two characters!!';
const cipher = createCiphers(SECRET).joined;
const PLACE = ['key', 'value'] as const;
const row = (json_path: string, value: unknown, hash: string | null = cipher.keyHash) => ({
  json_path,
  encryption_key_hash: hash,
  encrypted_value: cipher.encrypt(JSON.stringify(value), PLACE),
});

test("the hash of a key is that of Attune's Rust control plane, or our own", () => {
  expect(cipher.keyHash).toBe(createHash('sha256').update(SECRET).digest('hex'));
  for (const hash of [cipher.keyHash, sha256Of(Buffer.from(cipher.keyHash, 'hex')), null])
    expect(restore({ a: SECRET_MARKER }, [row('/a', 'value', hash)]).parameters).toEqual({ a: 'value' });
  expect(restore({ a: SECRET_MARKER }, [row('/a', 'value', 'f'.repeat(64))]).problem).toContain(
    'its parameter /a was encrypted with another key',
  );
});

function restore(config: unknown, rows: readonly ReturnType<typeof row>[], schema?: unknown) {
  return restoreParameters(config, { rows, schema }, cipher);
}

test('markers give way to their values, whatever type those have', () => {
  const config = { db: { password: SECRET_MARKER, user: 'u' }, list: [SECRET_MARKER], plain: 1 };
  const rows = [row('/db/password', 'hunter2'), row('/list/0', { deep: [1] }), row('/made/here', false)];
  expect(restore(config, rows)).toEqual({
    parameters: { db: { password: 'hunter2', user: 'u' }, list: [{ deep: [1] }], plain: 1, made: { here: false } },
    secrets: ['hunter2', { deep: [1] }, false],
    problem: undefined,
  });
});

test('a marker whose value cannot be had is a problem that names it', () => {
  expect(restore({ a: { b: SECRET_MARKER } }, []).problem).toContain('its parameter /a/b was replaced by a marker');
  const broken = { json_path: '/a', encryption_key_hash: null, encrypted_value: 'AAAA' };
  expect(restore({ a: SECRET_MARKER }, [broken]).problem).toContain('cannot be decrypted');
  expect(restoreParameters({ a: SECRET_MARKER }, { rows: [row('/a', 1)], schema: null }, undefined).problem).toContain(
    'there is no key to decrypt it',
  );
  expect(restore([1], []).problem).toBe('its parameters are not a JSON object');
  expect(restore(null, []).problem).toBeUndefined();
});

test('defaults of either kind of schema fill in what is missing or null', () => {
  const flat = { size: { type: 'integer', default: 3 }, name: { type: 'string' }, on: { default: false } };
  for (const schema of [flat, { type: 'object', properties: flat }])
    expect(restore({ size: null, other: 1 }, [], schema).parameters).toEqual({ size: 3, other: 1, on: false });
  expect(restore({ size: 0, on: true }, [], flat).parameters).toEqual({ size: 0, on: true });
});

test('a key that cannot be read is left out by itself, with a note', () => {
  const key = (name: string, owner_type: string, value: unknown) => ({
    ...{ ref: `${owner_type}.${name}`, owner_type, owner: null, name, encryption_key_hash: null },
    value,
    encrypted: typeof value === 'string',
  });
  const rows = [
    key('token', 'action', cipher.encrypt('"of the action"', PLACE)),
    key('token', 'system', cipher.encrypt('"of the system"', PLACE)),
    key('bad', 'pack', 'no cipher text'),
    key('plain', 'pack', { a: 1 }),
  ];
  const { keys, notes } = readReadableKeys(rows, cipher);
  expect(keys).toEqual({ token: 'of the action', plain: { a: 1 } });
  expect(notes).toEqual([
    'runs without a key: key pack.bad cannot be decrypted, as it was altered or stored for something else: store it again',
  ]);
});

const columns = (is_adhoc: boolean): JoinedColumns => ({
  ...{ rule_ref: null, trigger_ref: null, executor: null, permission_set_refs: [], workflow_ref: null },
  ...{ is_adhoc, runtime_names: null, secrets: null },
});

test('an entry point is code only where it cannot be a file of a pack', () => {
  expect(codeInEntryPoint('echo "hi"', columns(false), 'Shell')).toBe('echo "hi"');
  expect(codeInEntryPoint('run.sh', columns(true), 'bash')).toBe('run.sh');
  expect(codeInEntryPoint('run.sh', columns(false), 'Shell')).toBeUndefined();
  expect(codeInEntryPoint('print(1 + 1)', columns(true), 'Python')).toBeUndefined();
  expect(codeInEntryPoint('echo "hi"', undefined, 'shell')).toBeUndefined();
});

test('a runtime is known by its name, by the end of its ref, by an alias, or by the extension of the file', () => {
  const nameOf = (runtime: string | null, runtime_names: readonly string[] | null = null): string | undefined =>
    runtimeNameOf({ runtime, entrypoint: 'act.rb', joined: { ...columns(false), runtime_names } });
  expect(nameOf('Node.js', ['nodejs', 'node'])).toBe('Node.js');
  expect(nameOf('CPython of the house', ['cpython', 'python3'])).toBe('python3');
  expect(nameOf('Fortran', ['fortran'])).toBe('Fortran');
  expect(nameOf(null)).toBe('ruby');
  expect(runtimeNameOf({ runtime: 'python', entrypoint: 'act.rb' })).toBe('python');
});
