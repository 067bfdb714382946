/** Files of packs keep what their authors wrote, and say where they are wrong. */
import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { loadAction, loadPacks } from '#packs/load-action.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

interface Files {
  readonly pack?: string;
  readonly action?: string;
  readonly runtime?: string;
}

function load({ pack = 'ref: demo\n', action = 'entry_point: a.sh\n', runtime }: Files) {
  using directory = temporaryDirectory();
  directory.file('demo/pack.yaml', pack);
  directory.file('demo/actions/a.yaml', action);
  directory.file('demo/actions/a.sh', '');
  if (runtime !== undefined) directory.file('demo/runtimes/r.yaml', runtime);
  const loaded = loadAction(directory.path, 'demo.a');
  const problems = loadPacks(directory.path).problems.map((one) => one.message.replaceAll(`${directory.path}/`, ''));
  return { action: loaded.ok ? loaded.value : undefined, problems: problems.join('\n') };
}

test('where a text is wanted, the text that was written is kept', () => {
  const { action } = load({
    pack: 'ref: demo\nversion: 1.10\n',
    action: `entry_point: a.sh
label: 007
runtime_version: 3.10
worker_selector: { rack: 012, ssd: true }
parameters:
  version: { type: string, default: 3.10, enum: [3.9, 3.10] }
  code: { type: string, default: 01234 }
  ratio: { type: number, default: 3.10 }
  many: { type: array, items: { type: string }, default: [1.0, 2e3, yes, null_] }
  deep: { type: object, properties: { tag: { type: string, default: 1.20 } }, default: { tag: 0x10 } }
  labels: { type: object, additionalProperties: { type: string }, default: { a: 1.0 } }
`,
  });
  expect(action?.pack.version).toBe('1.10');
  expect(action).toMatchObject({ label: '007', runtimeVersion: '3.10', workerSelector: { rack: '012', ssd: 'true' } });
  expect(action?.parameterSchema?.['properties']).toMatchObject({
    version: { default: '3.10', enum: ['3.9', '3.10'] },
    code: { default: '01234' },
    ratio: { default: 3.1 },
    many: { default: ['1.0', '2e3', 'yes', 'null_'] },
    deep: { default: { tag: '0x10' }, properties: { tag: { default: '1.20' } } },
    labels: { default: { a: '1.0' } },
  });
});

test('texts are kept by whatever way a schema names them, and so are names of members and words for people', () => {
  const { action, problems } = load({
    action: `entry_point: a.sh
worker_selector: { 3.10: 1.0 }
parameters:
  type: object
  $defs: { tag: { type: string }, list: { type: array, items: { $ref: '#/$defs/tag' } } }
  properties:
    reference: { $ref: '#/$defs/tag', default: 1.10 }
    list: { $ref: '#/$defs/list', default: [1.10, 007] }
    all: { allOf: [{ type: string }, { minLength: 2 }], default: 1.10, title: 2024, pattern: 1.10 }
    any: { anyOf: [{ type: string }, { type: 'null' }], default: 1.10 }
    number: { oneOf: [{ type: string, maxLength: 1 }, { type: number }], default: 1.10 }
    members: { type: object, additionalProperties: { $ref: '#/$defs/tag' }, default: { 3.10: 2.0, true: 1e3 } }
`,
  });
  expect(problems).toBe('');
  expect(action?.workerSelector).toEqual({ '3.10': '1.0' });
  expect(action?.parameterSchema?.['properties']).toMatchObject({
    reference: { default: '1.10' },
    list: { default: ['1.10', '007'] },
    all: { default: '1.10', title: '2024', pattern: '1.10' },
    any: { default: '1.10' },
    number: { default: 1.1 },
    members: { default: { '3.10': '2.0', true: '1e3' } },
  });
});

test('a scalar that a schema takes only as a text is one, also among forms and values', () => {
  const { action, problems } = load({
    action: `entry_point: a.sh
parameters:
  forms: { anyOf: [{ type: string }, { type: integer }], default: 1.10 }
  types: { type: [string, integer], default: 007 }
  whole: { type: [string, integer], default: 7 }
  bool: { type: [string, boolean], default: true }
  values: { enum: ['3.10', '3.11'], default: 3.10 }
  mixed: { enum: ['3.10', 3.11, 2], default: 3.11 }
  listed: { type: array, items: { enum: ['1.0', 2] }, default: [1.0, 2] }
  only: { const: '1.10', default: 1.10 }
`,
  });
  expect(problems).toBe('');
  expect(action?.parameterSchema?.['properties']).toMatchObject({
    forms: { default: '1.10' },
    types: { default: '007' },
    whole: { default: 7 },
    bool: { default: true },
    values: { default: '3.10' },
    mixed: { enum: ['3.10', 3.11, 2], default: 3.11 },
    listed: { default: ['1.0', 2] },
    only: { default: '1.10' },
  });
});

test('what is wrong with a default is said with what its author wrote, and null is no text', () => {
  const { problems } = load({
    action: `entry_point: a.sh
parameters:
  values: { enum: ['3.10', '3.11'], default: 3.20 }
  null: { type: string, default: null }
  tilde: { type: integer, default: ~ }
  maybe: { type: [string, 'null'], default: null }
`,
  });
  expect(problems).toContain("'3.20' is none of 3.10, 3.11");
  expect(problems).toContain('parameters.null.default: expected text, not null');
  expect(problems).toContain('parameters.tilde.default: expected a number, not null');
  expect(problems).not.toContain('maybe');
});

test.each(['{ version: { type: string } }', '{ type: object, properties: { version: { type: string } } }'])(
  'parameters of a schedule are kept as they were written: %s',
  (parameters) => {
    const schedule = 'schedule:\n  - { cron: "@daily", parameters: { version: 1.10 } }\n';
    const { action, problems } = load({ action: `entry_point: a.sh\nparameters: ${parameters}\n${schedule}` });
    expect(problems).toBe('');
    expect(action?.schedules).toMatchObject([{ parameters: { version: '1.10' } }]);
  },
);

test('defaults are checked wherever they are, with what their schemas refer to', () => {
  const { problems } = load({
    action: `entry_point: a.sh
parameters:
  type: object
  $defs: { port: { type: integer, maximum: 65535 }, node: { type: object, properties: { next: { $ref: '#/$defs/node' } } } }
  properties:
    port: { $ref: '#/$defs/port', default: 70000 }
    ports: { type: array, items: { type: object, properties: { b: { type: integer, default: x } } } }
    either: { anyOf: [{ type: object, properties: { c: { type: boolean, default: 3 } } }] }
    whole: { $ref: '#', default: 5 }
    fine: { $ref: '#/$defs/node', default: { next: { next: {} } } }
`,
  });
  expect(problems).toContain('properties.port.default: expected at most 65535, not 70000');
  expect(problems).toContain("properties.ports.items.properties.b.default: expected a number, not 'x'");
  expect(problems).toContain('properties.either.anyOf.0.properties.c.default: expected true or false, not 3');
  expect(problems).toContain('properties.whole.default: expected an object, not 5');
  expect(problems).not.toContain('fine');
});

test.each<[string, Files, string]>([
  [
    'a key of an action',
    { action: 'entry_point: a.sh\nparamters: {}\n' },
    'demo/actions/a.yaml:2:1: paramters: unknown key; did you mean parameters?',
  ],
  [
    'a time limit by its short name',
    { action: 'entry_point: a.sh\ntimeout: 5\n' },
    'timeout: unknown key; did you mean timeout_seconds?',
  ],
  [
    'retries by their short name',
    { action: 'entry_point: a.sh\nretries: 5\n' },
    'retries: unknown key; did you mean max_retries?',
  ],
  ['a tag of another program', { action: 'entry_point: a.sh\nlabel: !include label.txt\n' }, '!include'],
  [
    'bytes as YAML has them',
    { action: 'entry_point: a.sh\nparameters: { a: { default: !!binary aGk= } }\n' },
    '!!binary',
  ],
  ['a zero byte', { action: 'entry_point: a.sh\nlabel: a\0b\n' }, 'zero bytes'],
  ['a key of a pack', { pack: 'ref: demo\nlable: x\n' }, 'demo/pack.yaml:2:1: lable: unknown key; did you mean label?'],
  [
    'a key of a runtime',
    { runtime: 'name: python\nexecution_config: { intepreter: {} }\n' },
    'execution_config.intepreter: unknown key; did you mean interpreter?',
  ],
  [
    'a keyword of a parameter',
    { action: 'entry_point: a.sh\nparameters: { a: { typ: string } }\n' },
    'demo/actions/a.yaml:2:20: parameters.a.typ: unknown key; did you mean type?',
  ],
  [
    'a keyword deep within one',
    { action: 'entry_point: a.sh\nparameters: { a: { type: object, properties: { b: { requird: true } } } }\n' },
    'parameters.a.properties.b.requird: unknown key; did you mean required?',
  ],
  [
    'a type',
    { action: 'entry_point: a.sh\nparameters: { a: { type: strng } }\n' },
    "'strng' is no type; did you mean string?",
  ],
  [
    'a pattern of another dialect and a wrong default beside it',
    { action: "entry_point: a.sh\nparameters:\n  a: { type: integer, default: x }\n  b: { pattern: '(?=x)' }\n" },
    'demo/actions/a.yaml:4:17: parameters.b.pattern: pattern (?=x) cannot be matched in bounded time',
  ],
  [
    'a wrong default beside a pattern of another dialect',
    { action: "entry_point: a.sh\nparameters:\n  a: { type: integer, default: x }\n  b: { pattern: '(?=x)' }\n" },
    "demo/actions/a.yaml:3:32: parameters.a.default: expected a number, not 'x'",
  ],
  [
    'a type of an output',
    { action: 'entry_point: a.sh\noutput: { a: { type: strng } }\n' },
    "output.a.type: 'strng' is no type; did you mean string?",
  ],
  [
    'a type deep within a whole schema of an output',
    { action: 'entry_point: a.sh\noutput: { type: array, items: { properties: { b: { type: int } } } }\n' },
    "output.items.properties.b.type: 'int' is no type",
  ],
  [
    'a keyword of an output',
    { action: 'entry_point: a.sh\noutput: { type: { type: string }, a: { secrt: true } }\n' },
    'output.a.secrt: unknown key; did you mean secret?',
  ],
  [
    'an enum that is no list',
    { action: 'entry_point: a.sh\nparameters: { a: { enum: abc } }\n' },
    "parameters.a.enum: expected a list, not 'abc'",
  ],
  [
    'a required that is no boolean',
    { action: 'entry_point: a.sh\nparameters: { a: { required: yes } }\n' },
    'parameters.a.required: expected true, false, or a list of names',
  ],
  [
    'a parameter without a description',
    { action: 'entry_point: a.sh\nparameters: { a: string }\n' },
    'parameters.a: expected what describes it',
  ],
  [
    'a default of another type',
    { action: 'entry_point: a.sh\nparameters: { a: { type: integer, default: many } }\n' },
    "parameters.a.default: expected a number, not 'many'",
  ],
  [
    'a default that is not allowed',
    { action: 'entry_point: a.sh\nparameters: { a: { type: string, enum: [x], default: y } }\n' },
    "parameters.a.default: expected x, not 'y'",
  ],
  [
    'a default that cannot be kept',
    { action: 'entry_point: a.sh\nparameters: { a: { type: integer, default: 12345678901234567890 } }\n' },
    'would be changed',
  ],
  ['a list where a text is wanted', { pack: 'ref: demo\nversion: [1]\n' }, 'version: expected text, not [1]'],
  ['a version that is none', { pack: 'ref: demo\nversion: banana\n' }, "version: 'banana' is no version"],
  [
    'a runtime with a letter wrong',
    { action: 'entry_point: a.sh\nrunner_type: pyhton\n' },
    "a.yaml:2:14: runner_type: 'pyhton' is no runtime the agent knows; did you mean python?",
  ],
  [
    'the name of a language, JavaScript',
    { action: 'entry_point: a.sh\nrunner_type: JavaScript\n' },
    "'JavaScript' is no runtime the agent knows; did you mean node?",
  ],
  [
    'the name of a language, typescript',
    { action: 'entry_point: a.sh\nrunner_type: typescript\n' },
    "'typescript' is no runtime the agent knows; did you mean deno or bun?",
  ],
  [
    'the name of a language, py',
    { action: 'entry_point: a.sh\nrunner_type: py\n' },
    "'py' is no runtime the agent knows; did you mean python?",
  ],
  [
    'a word that is not allowed',
    { action: 'entry_point: a.sh\noutput_format: jsno\n' },
    "output_format: 'jsno' is none of text, json, yaml, jsonl; did you mean json?",
  ],
  [
    'several things, all of them at once: the runtime',
    { action: 'entry_point: ../../../a\nrunner_type: pyhton\nruntime_version: new\n' },
    'a.yaml:2:14: runner_type',
  ],
  [
    'several things, all of them at once: the entry point',
    { action: 'entry_point: ../../../a\nrunner_type: pyhton\nruntime_version: new\n' },
    'a.yaml:1:14: entry_point',
  ],
  [
    'a repeated key',
    { action: 'entry_point: a.sh\nentry_point: b.sh\n' },
    "a.yaml:2:1: the key 'entry_point' is there twice",
  ],
])('an error names the file, the line and what was meant: %s', (_, files, sentence) => {
  expect(load(files).problems).toContain(sentence);
});

test('keys of the control plane, keys that begin with x-, and merge keys are accepted', () => {
  const { action, problems } = load({
    pack: 'ref: demo\nkeywords: [a]\nruntime_deps: []\nx-note: mine\n',
    action: `x-common: &common { runner_type: python, tags: [x] }
<<: *common
entry_point: a.sh
log_retention_limit: 3
`,
    runtime:
      'name: python\ndistributions: { verification: {} }\nexecution_config: { inline_execution: { strategy: direct } }\n',
  });
  expect(problems).toBe('');
  expect(action?.runtime.name).toBe('python');
});

test('a file that is not UTF-8 is named as such', () => {
  using directory = temporaryDirectory();
  directory.file('demo/pack.yaml', 'ref: demo\n');
  directory.file('demo/actions/a.yaml', '');
  writeFileSync(`${directory.path}/demo/actions/a.yaml`, Buffer.from('entry_point: a.sh\nlabel: caf\xe9\n', 'latin1'));
  expect(loadPacks(directory.path).problems.map((one) => one.message)).toEqual([
    expect.stringContaining('a.yaml:2:1: this line is not UTF-8: save it as UTF-8'),
  ]);
});

test.each([
  ['{ cron: "@daily", missed: never }', "2:37: schedule.missed: 'never' is none of once, skip"],
  ['[{ cron: "@daily", parameters: 3 }]', '2:42: schedule.0.parameters: expected an object, not 3'],
  ['daily', "2:11: schedule: expected an object or a list, not 'daily'"],
])('of several forms, the flaws of the one that is meant are said: %s', (schedule, sentence) => {
  const { problems } = load({ action: `entry_point: a.sh\nschedule: ${schedule}\n` });
  expect(problems).toBe(`demo/actions/a.yaml:${sentence}`);
});

test.each([
  ['env_vars: { A: { value: a, operation: add } }', "env_vars.A.operation: 'add' is none of set, prepend, append"],
  ['env_vars: { "A B": a }', 'env_vars.A B: no name of an environment variable'],
  ['environment: { dir_name: ../other }', "environment.dir_name: '../other': leads out of the directory"],
  ['environment: { dir_name: a/.. }', "environment.dir_name: 'a/..': leads out of the directory"],
])('a runtime of a pack is strict: %s', (config, sentence) => {
  const { problems } = load({ runtime: `name: r\naliases: [python]\nexecution_config: { ${config} }\n` });
  expect(problems).toContain(`execution_config.${sentence}`);
});
