import { expect, test } from 'bun:test';
import { readCapabilities } from '#adapters/store/capabilities.ts';
import { type ClaimedRow, readClaimed } from '#adapters/store/claimed-row.ts';
import { asKey, asReference, encryptParameters, readEncryptedParameters } from '#adapters/store/secret-parameters.ts';
import { createCiphers } from '#crypto/cipher.ts';
import { executionId } from '#domain/ids.ts';
import { readStoredConfig } from '#packs/execution-config.ts';

const nothing = { runtimes: [], runtimeVersions: {}, labels: {}, taints: [], slots: 0 };

test('capabilities that are absent or null count as nothing, and a worker whose are malformed offers nothing', () => {
  const taint = { key: 'gpu', value: null, effect: 'no_schedule' };
  expect(readCapabilities({ runtimes: ['shell'], labels: null, taints: [taint] })).toMatchObject({
    ...{ ...nothing, runtimes: ['shell'] },
    taints: [{ key: 'gpu', value: '', effect: 'no_schedule' }],
  });
  for (const broken of [{ taints: [{ key: 'gpu' }] }, { labels: ['a'] }, { runtimes: 'shell' }, { taints: 1 }])
    expect(readCapabilities({ runtimes: ['shell'], ...broken })).toMatchObject(nothing);
  for (const column of [null, 'text', []]) expect(readCapabilities(column)).toMatchObject(nothing);
});

const row: ClaimedRow = {
  ...{ id: 1, attempt: 1, action_ref: 'demo.act', config: {}, env_vars: null, timeout_seconds: null },
  ...{ retry_count: 0, max_retries: null, pack_ref: 'demo', entrypoint: 'act.sh', inline_runtime: null },
  ...{ inline_code: null, inline_options: null, runtime_config: null, out_schema: null, param_schema: null },
  ...{ api_scopes: null, pack_version: '1', pack_checksum: null, keys: null, runtime: 'shell' },
  ...{ runtime_version_constraint: null, parameter_delivery: 'stdin', parameter_format: 'json', output_format: 'text' },
  action_timeout_seconds: null,
};

test('parameters and inline options that are malformed keep their execution from starting', () => {
  const problemOf = (changes: Partial<ClaimedRow>) => readClaimed({ ...row, ...changes }, undefined).keysProblem;
  expect(problemOf({})).toBeUndefined();
  expect(problemOf({ config: null })).toBeUndefined();
  expect(problemOf({ config: [1] })).toBe('its parameters are not a JSON object');
  expect(problemOf({ inline_code: 'true', inline_options: { output_format: 'xml' } })).toContain(
    'inline_options: output_format:',
  );
});

test('the configuration of a runtime is taken with its nulls and an empty binary, and is an error where it is malformed', () => {
  const config = {
    interpreter: { binary: '', args: [] },
    environment: { create_command: ['x'], interpreter_path: null },
    env_vars: { NODE_PATH: '/a' },
  };
  expect(readStoredConfig(config)).toMatchObject({
    ok: true,
    value: { interpreter: { args: [] }, environment: { create_command: ['x'] }, env_vars: { NODE_PATH: '/a' } },
  });
  expect(readStoredConfig({ env_vars: { NODE_PATH: 1 } })).toMatchObject({
    ok: false,
    error: expect.stringContaining('env_vars.NODE_PATH'),
  });
});

test('whoever alters which key a parameter gets makes the parameters unreadable', async () => {
  const cipher = await createCiphers('5e'.repeat(32)).own(async () => '00');
  const request = { unmasked: { n: 1 }, parameterKeys: { pw: 'pack.demo.mail' } };
  const encrypted = encryptParameters(request, executionId(1), cipher);
  if (!encrypted) throw new Error('nothing is encrypted');
  const read = (ref: string) => {
    const named = { ref, owner_type: 'pack', owner: 'demo', name: 'mail', encrypted: false, encryption_key_hash: null };
    const keys = [asKey(1, encrypted), asReference({ ref, parameter: 'pw', found: { ...named, value: 'secret' } })];
    const { parameters, keysProblem } = readClaimed({ ...row, keys }, cipher);
    return [parameters, keysProblem];
  };
  expect(read('pack.demo.mail')).toEqual([{ n: 1, pw: 'secret' }, undefined]);
  expect(read('system.root')).toEqual([
    {},
    'the secret parameters of execution 1 cannot be decrypted, as it was altered or stored for something else: store it again',
  ]);
});

test('secret parameters that somebody has cut or replaced in their row fail that execution, and nothing throws', async () => {
  const cipher = await createCiphers('5e'.repeat(32)).own(async () => '00');
  const encrypted = encryptParameters({ unmasked: { n: 1 } }, executionId(1), cipher);
  const whole = JSON.stringify(encrypted);
  for (const column of [whole.slice(0, -6), whole.replace('2:', ''), whole.replace('2:', '3:'), '', '5', '[]', '{}']) {
    const read = readEncryptedParameters(column);
    if (!read) throw new Error(`nothing is read of ${column}`);
    const { parameters, keysProblem } = readClaimed({ ...row, keys: [asKey(1, read)] }, cipher);
    expect([column, parameters, keysProblem]).toEqual([
      column,
      {},
      expect.stringContaining('the secret parameters of execution 1 cannot be decrypted'),
    ]);
  }
});
