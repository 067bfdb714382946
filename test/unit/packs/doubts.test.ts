import { expect, test } from 'bun:test';
import { checkPack } from '#packs/check-pack.ts';
import { notesOnUnknownNames } from '#packs/doubts.ts';
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
