import { expect, test } from 'bun:test';
import { checkPack } from '#packs/check-pack.ts';
import { notesOnEnvironments, notesOnUnknownNames } from '#packs/doubts.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** The pack of one action, with its script. */
function checked(action: string, script = 'echo a\n'): ReturnType<typeof checkPack> {
  using directory = temporaryDirectory();
  directory.file('p/pack.yaml', 'ref: p\n');
  directory.file('p/actions/a.yaml', action);
  directory.file('p/actions/a.sh', script);
  const { flaws, ...rest } = checkPack(`${directory.path}/p`);
  return { ...rest, flaws: flaws.map((one) => one.replace(`${directory.path}/p/actions/`, '')) };
}

const parameters = (schema: string): string => `entry_point: a.sh\nparameters:\n  x: ${schema}\n`;

test.each([
  ['{ type: integer, minimum: 5, maximum: 3 }', 'no value has both minimum 5 and maximum 3'],
  ['{ type: integer, exclusiveMinimum: 3, maximum: 3 }', 'no value has both exclusiveMinimum 3 and maximum 3'],
  ['{ type: array, items: { type: string, minLength: 2, maxLength: 1 } }', 'minLength 2 and maxLength 1'],
])('bounds that no value keeps to are a flaw: %s', (schema, sentence) => {
  expect(checked(parameters(schema)).flaws).toEqual([expect.stringContaining(sentence)]);
});

test.each([
  [
    '{ type: object, properties: { a: {}, b: {} }, required: [a, bb] }',
    ["there is no parameter 'bb'; did you mean b?"],
  ],
  ['{ type: object, properties: { a: {} }, required: [z], additionalProperties: true }', []],
])('a required parameter that is not there is a flaw: %s', (schema, sentences) => {
  const inside = checked(parameters(schema)).flaws;
  const whole = checked(`entry_point: a.sh\nparameters: ${schema}\n`).flaws;
  expect(inside).toEqual(sentences.map((one) => expect.stringContaining(`parameters.x.required: ${one}`)));
  expect(whole).toEqual(sentences.map((one) => expect.stringContaining(`parameters.required: ${one}`)));
});

test('test cases name their action without its pack', () => {
  using directory = temporaryDirectory();
  directory.file('p/pack.yaml', 'ref: p\n');
  directory.file('p/actions/a.yaml', 'entry_point: a.sh\n');
  directory.file('p/actions/a.sh', 'echo a\n');
  directory.file('p/tests/a.yaml', 'action: p.a\ncases: []\n');
  const { flaws } = checkPack(`${directory.path}/p`);
  expect(flaws).toEqual([expect.stringContaining("action: expected the name without its pack, 'a', not 'p.a'")]);
});

test('a directory is no script', () => {
  expect(checked('entry_point: .\n').flaws).toEqual(["a.yaml:1:14: entry_point: '.' is a directory, not a script"]);
});

test('bounds of one value are none', () => {
  expect(checked(parameters('{ type: integer, minimum: 3, maximum: 3 }')).flaws).toEqual([]);
});

test.each(['default', 'example'])('a %s that reading would change is said once, as it was written', (key) => {
  const { flaws } = checked(parameters(`{ type: integer, ${key}: 9007199254740993 }`));
  expect(flaws).toEqual([expect.stringContaining('9007199254740993 would be changed')]);
});

test('the script of an action that is broken otherwise is known', () => {
  const { scripts, loaded } = checked('entry_point: a.sh\nrunner_type: shel\noutput_format: jsno\n');
  expect(loaded?.actions).toEqual([]);
  expect(scripts).toEqual([{ entryPoint: expect.stringMatching(/p\/actions\/a\.sh$/), family: 'shell' }]);
});

test('runtimes and formats that nothing here knows are notes', () => {
  const { loaded } = checked(
    `${parameters('{ type: array, items: { type: string, format: emial } }')}  y: { type: string, format: email }\nrequired_worker_runtimes: [pyton, python, golang]\n`,
  );
  expect(loaded?.actions.flatMap(notesOnUnknownNames)).toEqual([
    "p.a: required_worker_runtimes: 'pyton' is no runtime that the agent knows; did you mean python?",
    "p.a: format: 'emial' is none that is checked; did you mean email?",
  ]);
});

test.each([
  ['a version that cannot be', 'runtime_version: ">=3,<2"', "runtime_version: no version satisfies '>=3,<2'"],
  [
    'a rule without the values it compares with',
    'worker_affinity: { required: [{ key: zone, operator: in }] }',
    "worker_affinity.required.0.values: 'in' compares with values: name one at least",
  ],
  [
    'values that a rule does not look at',
    'worker_affinity: { preferred: [{ key: zone, operator: exists, values: [a] }] }',
    "worker_affinity.preferred.0.values: 'exists' takes no values",
  ],
  [
    'a value that a toleration does not look at',
    'worker_tolerations: [{ key: gpu, operator: exists, value: a }]',
    "worker_tolerations.0.value: 'exists' compares no value",
  ],
  [
    'a toleration of nothing',
    'worker_tolerations: [{ effect: no_schedule }]',
    "worker_tolerations.0: it tolerates nothing: name a key, or write 'operator: exists'",
  ],
  [
    'one example instead of a list of them',
    'parameters: { x: { type: array, items: { type: integer }, examples: [3, 4] } }',
    'parameters.x.examples: expected a list of examples: [[3,4]], not [3,4]',
  ],
  [
    'examples that are no list',
    'parameters: { x: { type: integer, examples: 3 } }',
    'parameters.x.examples: expected a list of examples, such as [3], not 3',
  ],
])('what has no meaning as it is written is a flaw: %s', (_, yaml, sentence) => {
  expect(checked(`entry_point: a.sh\n${yaml}\n`).flaws).toEqual([expect.stringContaining(sentence)]);
});

test('all that is wrong with the schedules of an action is said beside what is wrong with the rest of it', () => {
  const yaml = "schedule: { cron: '99 * * * *', time_zone: Europa/Berlin }\ntimeout_seconds: -1\n";
  const { flaws } = checked(`entry_point: a.sh\n${yaml}`);
  expect(flaws.map((one) => one.split(': ')[1])).toEqual(['timeout_seconds', 'schedule.cron', 'schedule.time_zone']);
  const other = checked(
    "entry_point: a.sh\nlable: x\nschedule: { cron: '@daily', parameters: { n: 1 } }\nparameters: { m: {} }\n",
  );
  expect(other.flaws.join('\n')).toContain("schedule.parameters: unknown parameter 'n', did you mean 'm'?");
});

test('a file that nothing reads because of its name is a flaw, and so is the second of two of one name', () => {
  using directory = temporaryDirectory();
  directory.file('p/pack.yaml', 'ref: p\n');
  for (const name of ['actions/a.YAML', 'actions/b.Yml', 'actions/c.yaml', 'actions/c.yml', 'tests/c.yalm'])
    directory.file(`p/${name}`, 'entry_point: a.sh\n');
  directory.file('p/actions/a.sh', 'echo a\n');
  directory.file('p/runtimes/x.YML', 'name: x\n');
  const { flaws } = checkPack(`${directory.path}/p`);
  expect(flaws.map((one) => one.slice(directory.path.length + 3))).toEqual([
    'actions/a.YAML: nothing reads it: name it a.yaml',
    'actions/b.Yml: nothing reads it: name it b.yaml',
    'actions/c.yml: c.yaml describes the same: keep one of them',
    'runtimes/x.YML: nothing reads it: name it x.yaml',
    'tests/c.yalm: nothing reads it: name it c.yaml',
  ]);
});

test('a file that may be meant as pack.yaml is named', () => {
  using directory = temporaryDirectory();
  directory.file('p/pack.yml', 'ref: p\n');
  expect(checkPack(`${directory.path}/p`).flaws).toEqual([expect.stringContaining('; pack.yml must be called so')]);
});

test.each([
  ['vnv', ["p.x: env_type: 'vnv' is a name of its own; did you mean venv?"]],
  ['None', ["p.x: env_type: 'None' is a name of its own; did you mean none?"]],
  ['node', []],
  ['own', []],
  ['none', []],
])('the type %s of an environment', (type, notes) => {
  const config = { execution_config: { environment: { env_type: type, create_command: [] } }, versions: [] };
  expect(notesOnEnvironments({ ref: 'p.x', name: 'x', aliases: [], family: 'python', config })).toEqual(notes);
});
