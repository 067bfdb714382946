import { expect, test } from 'bun:test';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { loadAction } from '#packs/load-action.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

function pack(files: Record<string, string>): TemporaryDirectory {
  const directory = temporaryDirectory();
  directory.file('demo/pack.yaml', 'ref: demo\nversion: 1.2\n');
  for (const [name, text] of Object.entries(files)) directory.file(`demo/${name}`, text);
  return directory;
}

function message(packs: TemporaryDirectory, ref: string): string {
  const loaded = loadAction(packs.path, ref);
  return loaded.ok ? 'loaded' : loaded.error.message;
}

test('an action with nothing but an entry point gets the defaults of the protocol', () => {
  using packs = pack({ 'actions/go.yaml': 'entry_point: go.sh\n', 'actions/go.sh': '' });
  expect(loadAction(packs.path, 'demo.go')).toEqual({
    ok: true,
    value: {
      ref: 'demo.go',
      label: 'demo.go',
      description: undefined,
      runtime: { ref: 'core.shell', name: 'shell', config: undefined },
      runtimeVersion: undefined,
      requiredRuntimes: [],
      entryPoint: join(packs.path, 'demo/actions/go.sh'),
      parameterDelivery: 'stdin',
      parameterFormat: 'json',
      outputFormat: 'text',
      parameterSchema: undefined,
      outputSchema: undefined,
      timeoutSeconds: undefined,
      maxRetries: undefined,
      priority: 0,
      workerSelector: {},
      workerTolerations: [],
      workerAffinity: { required: [], preferred: [] },
      apiScopes: [],
      requestVariables: [],
      schedules: [],
      pack: { ref: 'demo', label: 'demo', version: '1.2', directory: join(packs.path, 'demo') },
    },
  });
});

test.each([
  ['main.py', '', 'python'],
  ['main.rb', '#!/bin/sh\n', 'shell'],
  ['main', '#!/usr/bin/env -S node --no-warnings\n', 'node'],
  ['main', '#!/usr/bin/python3.11 -I\n', 'python'],
  ['main.sh', '', 'shell'],
  ['main.conf', '#!/opt/unheard-of\n', 'shell'],
  ['missing.php', undefined, 'php'],
])('without a runner_type, the first line of a script or its name says what runs it: %s, %j', (name, text, family) => {
  using packs = pack({
    'actions/a.yaml': `entry_point: ${name}\n`,
    ...(text === undefined ? {} : { [`actions/${name}`]: text }),
  });
  expect(loadAction(packs.path, 'demo.a')).toMatchObject({ value: { runtime: { name: family } } });
});

test.each([
  ['{ pw: x }', 'schedule.parameters: pw: a schedule keeps no secret parameters: store them as keys'],
  ['{ o: { inner: x } }', 'o.inner: a schedule keeps no secret parameters'],
  ['{ n: many }', "parameter 'n': "],
  ['{ m: 1 }', "unknown parameter 'm'"],
  ['{ n: 1 }', 'loaded'],
  ['{}', "parameter 'n' is required"],
])('the parameters of a schedule are checked with the file: %s', (parameters, said) => {
  const schema =
    '{ pw: { type: string, secret: true, required: true }, n: { type: integer, required: true }, o: { type: object, properties: { inner: { type: string, secret: true } } } }';
  for (const schedule of [
    `{ cron: "@daily", parameters: ${parameters} }`,
    `[{ name: a, cron: "@daily", parameters: { n: 1 } }, { name: b, cron: "@daily", parameters: ${parameters} }]`,
  ]) {
    using packs = pack({
      'actions/a.yaml': `entry_point: a.sh\nparameters: ${schema}\nschedule: ${schedule}\n`,
      'actions/a.sh': '',
    });
    expect(message(packs, 'demo.a').replace('schedule.1.', 'schedule.')).toContain(said);
  }
});

test('unknown names come with the nearest one', () => {
  using packs = pack({ 'actions/restart.yaml': 'entry_point: x\n' });
  expect(message(packs, 'demo.restrat')).toContain('did you mean demo.restart?');
  expect(message(packs, 'dmo.restart')).toContain('did you mean demo?');
  expect(message(packs, 'restart')).toContain('expected PACK.ACTION');
  expect(message(packs, '../demo.restart')).toContain('expected PACK.ACTION');
});

const invalid: readonly (readonly [string, string, string])[] = [
  ['broken YAML', 'entry_point: [', 'actions/a.yaml:'],
  ['no entry point', 'label: x\n', 'entry_point:'],
  ['a list', '- 1\n', 'expected an object'],
  ['an unknown format', 'entry_point: x\nparameter_format: xml\n', 'parameter_format:'],
  ['an entry point outside', 'entry_point: ../../../etc/passwd\n', 'leads out of the pack'],
  ['an absolute entry point', 'entry_point: /etc/passwd\n', 'leads out of the pack'],
  ['another ref', 'ref: demo.b\nentry_point: x\n', "ref: is 'demo.b', expected 'demo.a'"],
  ['a negative timeout', 'entry_point: x\ntimeout_seconds: -1\n', 'timeout_seconds:'],
  ['an impossible parameter', 'entry_point: x\nparameters: { a: { type: quux } }\n', 'parameters.a.type: '],
];
for (const [what, yaml, expected] of invalid)
  test(`${what} is an error that names the file`, () => {
    using packs = pack({ 'actions/a.yaml': yaml });
    expect(message(packs, 'demo.a')).toContain(expected);
    expect(message(packs, 'demo.a')).toContain(join(packs.path, 'demo/actions/a.yaml'));
  });

test('a link that leads out of the pack is refused', () => {
  using packs = pack({ 'actions/a.yaml': 'entry_point: a.sh\n' });
  symlinkSync('/etc/passwd', join(packs.path, 'demo/actions/a.sh'));
  expect(message(packs, 'demo.a')).toContain('leads out of the pack');
});

test('a pack whose ref differs from its directory is refused', () => {
  using packs = pack({ 'pack.yaml': 'ref: other\n', 'actions/a.yaml': 'entry_point: x\n' });
  expect(message(packs, 'demo.a')).toContain("ref: is 'other', expected 'demo'");
});

test('texts are kept as they were written also where keys are merged and values are aliases', () => {
  using directory = temporaryDirectory();
  directory.file('packs/p/pack.yaml', 'ref: p\nversion: 1.10\n');
  directory.file('packs/p/actions/a.sh', '');
  directory.file(
    'packs/p/actions/a.yaml',
    'x-common: &c {type: string}\nx-version: &v 3.10\nentry_point: a.sh\nparameters:\n' +
      '  <<: {k: {type: string, default: 3.10}}\n  one: {<<: *c, default: 01234}\n  two: {type: string, default: *v}\n',
  );
  const loaded = loadAction(`${directory.path}/packs`, 'p.a');
  const properties = loaded.ok ? loaded.value.parameterSchema?.['properties'] : loaded.error.message;
  expect(properties).toMatchObject({ k: { default: '3.10' }, one: { default: '01234' }, two: { default: '3.10' } });
});

test('texts are kept as they were written also where whole schemas and lists are aliases', () => {
  using packs = pack({
    'actions/a.sh': '',
    'actions/a.yaml': `x-list: &list [3.10, 1.0]
x-text: &text {type: string, enum: *list, default: 3.10}
x-version: &version 1.10
x-types: &types [string]
entry_point: a.sh
runtime_version: *version
parameters: &parameters
  a: &a {type: string, default: 3.10}
  b: *a
  c: *text
  d: {type: *types, default: 1.10}
  e: {type: array, items: *a, default: [3.10]}
  f: {type: string, enum: [*version, 1.10], default: *version}
schedule: &schedule {cron: '@daily', parameters: &values {b: 1.10}}
`,
  });
  const loaded = loadAction(packs.path, 'demo.a');
  expect(loaded.ok ? '' : loaded.error.message).toBe('');
  const action = loaded.ok ? loaded.value : undefined;
  expect(action?.parameterSchema?.['properties']).toMatchObject({
    ...{ a: { default: '3.10' }, b: { default: '3.10' }, c: { default: '3.10', enum: ['3.10', '1.0'] } },
    ...{ d: { default: '1.10' }, e: { default: ['3.10'] }, f: { default: '1.10' } },
  });
});

test('aliases that lead to themselves, or to the same schema in many ways, are met once', () => {
  const nested = Array.from({ length: 60 }, (_, index) => {
    const inner = index === 0 ? '{type: string}' : `{properties: {x: *s${index - 1}, y: *s${index - 1}}}`;
    return `  s${index}: &s${index} ${inner}\n`;
  });
  for (const parameters of ['  a: &a {type: array, items: *a}\n', nested.join('')]) {
    using packs = pack({ 'actions/a.sh': '', 'actions/a.yaml': `entry_point: a.sh\nparameters:\n${parameters}` });
    expect(message(packs, 'demo.a')).toContain('a.yaml');
  }
});
