import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { loadPackAt } from '#packs/load-action.ts';
import { compareOutcome, readTestCases, type TestCase } from '#packs/test-cases.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const wanted: TestCase = { name: 'one', parameters: {}, status: 'completed', log: [] };
const got = {
  status: 'completed',
  result: { a: 1, list: [1, { b: 'x-42' }] },
  log: 'first\nsecond\n',
  error: undefined,
};

test.each<[string, Partial<TestCase>, readonly string[]]>([
  ['nothing more than the status', {}, []],
  ['some members of an object', { result: { a: 1 } }, []],
  ['a list whole, with a pattern in it', { result: { list: [1, { b: { $matches: '^x-[0-9]+$' } }] } }, []],
  ['another status', { status: 'failed' }, ['status: expected failed, got completed']],
  ['another number', { result: { a: 2 } }, ['result.a: expected 2, got 1']],
  ['a member that is missing', { result: { c: 1 } }, ['result.c: expected 1, got null']],
  ['a shorter list', { result: { list: [1] } }, ['result.list: expected [1], got [1,{"b":"x-42"}]']],
  ['text that is not in the log', { log: ['second', 'third'] }, ['log: it does not contain "third"']],
  ['an error', { error: 'disk' }, ['error: expected "disk" in it, got null']],
  [
    'a pattern that does not fit',
    { result: { list: [1, { b: { $matches: '^y' } }] } },
    ['result.list[1].b: expected a text with the pattern ^y, got "x-42"'],
  ],
])('%s', (_, part, flaws) => {
  expect(compareOutcome({ ...wanted, ...part }, got)).toEqual(flaws);
});

test('a pattern that is none says so, and a reason is told with the status', () => {
  const [flaw] = compareOutcome({ ...wanted, result: { a: { $matches: '(' } } }, { ...got, result: { a: 'x' } });
  expect(flaw).toStartWith('result.a: ( is no pattern');
  expect(compareOutcome(wanted, { ...got, status: 'failed', error: 'no disk' })).toEqual([
    'status: expected completed, got failed (no disk)',
  ]);
});

const noActions = { pack: { ref: 'demo', label: 'demo', version: '1', directory: '/nowhere' }, actions: [] };

test('parameters of cases are kept as they were written where their action wants texts', () => {
  using packs = temporaryDirectory();
  packs.file('demo/pack.yaml', 'ref: demo\nversion: 1.0\n');
  packs.file('demo/actions/a.sh', '');
  packs.file(
    'demo/actions/a.yaml',
    'entry_point: a.sh\nparameters:\n  a: { type: string }\n  n: { type: number }\n  many: { type: array, items: { type: string } }\n',
  );
  const parameters = '{ a: 1.10, n: 1.10, many: [007, true] }';
  packs.file('demo/tests/a.yaml', `cases:\n  - { name: one, parameters: ${parameters} }\n`);
  packs.file('demo/tests/b.yaml', `action: a\ncases:\n  - { name: two, parameters: ${parameters} }\n`);
  const loaded = loadPackAt(join(packs.path, 'demo'));
  if (!loaded.ok) throw new Error(loaded.error);
  const read = readTestCases(join(packs.path, 'demo'), loaded.value);
  const kept = { a: '1.10', n: 1.1, many: ['007', 'true'] };
  expect(read.ok && read.value.map(({ cases }) => cases[0]?.parameters)).toEqual([kept, kept]);
});

test('cases are read from tests/, for the action that a file is named after or names', () => {
  using pack = temporaryDirectory();
  pack.file('tests/a.yaml', 'cases:\n  - { name: one, log: text }\n');
  pack.file('tests/more.yaml', 'action: a\ncases:\n  - { name: two, status: refused }\n');
  expect(readTestCases(pack.path, noActions)).toMatchObject({
    ok: true,
    value: [
      { ref: 'demo.a', cases: [{ name: 'one', log: ['text'], status: 'completed' }] },
      { ref: 'demo.a', cases: [{ name: 'two', log: [], status: 'refused' }] },
    ],
  });
});

test('everything that is wrong with the files is named at once', () => {
  using pack = temporaryDirectory();
  pack.file('tests/a.yaml', 'cases:\n  - { name: one, stats: failed }\n');
  pack.file('tests/b.yaml', 'cases:\n  - { name: one, status: fine }\n');
  const read = readTestCases(pack.path, noActions);
  expect(read.ok ? '' : read.error).toMatch(/a\.yaml:2:.*stats.*status.*b\.yaml:2:.*status/);
});

test('matchers that compare nothing are flaws, also in a file that is wrong otherwise', () => {
  using packs = temporaryDirectory();
  packs.file(
    'demo/tests/a.yaml',
    `cases:
  - { name: one, status: complted, result: { a: { $match: x }, ok: { $ref: '#/x' }, b: [{ $matches: 3 }] } }
  - { name: two, result: { $matches: '(' } }
  - { name: three, result: { a: { $matches: x, b: 1 } } }
`,
  );
  const read = readTestCases(join(packs.path, 'demo'), noActions);
  const flaws = read.ok ? [] : read.error.split(/; (?=\/)/).map((one) => one.replace(/^.*a\.yaml:\d+:\d+: /, ''));
  expect(flaws).toEqual([
    "cases.0.status: 'complted' is none of completed, failed, timeout, refused; did you mean completed?",
    "cases.0.result.a: '$match' is no matcher; did you mean $matches?",
    'cases.0.result.b.0: $matches: expected a pattern (RE2), not 3',
    "cases.1.result: '(' is no pattern (RE2)",
    "cases.2.result.a: $matches stands alone: 'b' beside it would not be compared",
  ]);
});

test('a result that is missing because the output cannot be read is told with that reason', () => {
  const wanted = { name: 'x', parameters: {}, status: 'completed', result: { a: 2 }, log: [] } as const;
  const got = { result: undefined, log: '', error: 'its output is not json' };
  expect(compareOutcome(wanted, { ...got, status: 'completed' })).toEqual([
    'result: expected {"a":2}, got null (its output is not json)',
  ]);
  expect(compareOutcome(wanted, { ...got, status: 'failed' })).toEqual([
    'status: expected completed, got failed (its output is not json)',
    'result: expected {"a":2}, got null',
  ]);
});
