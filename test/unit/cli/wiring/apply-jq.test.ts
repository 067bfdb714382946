import { expect, test } from 'bun:test';
import { applyJq, checkJq } from '#cli/wiring/apply-jq.ts';

const json = '{"a":[1,2],"n":12345678901234567890,"s":" é\\n x "}';

test('texts come out as they are, everything else as compact JSON with exact numbers', async () => {
  const cases = {
    '.a[]': '1\n2\n',
    '.': `${json}\n`,
    '.s': ' é\n x \n',
    '.n': '12345678901234567890\n',
    empty: '',
    '"|", "|"': '|\n|\n',
    'def twice: . * 2; .a | map(twice) # a comment': '[2,4]\n',
  };
  for (const [expression, expected] of Object.entries(cases))
    expect([expression, await applyJq(expression, json)]).toEqual([expression, { ok: true, value: expected }]);
});

test('several documents are filtered one after the other', async () => {
  expect(await applyJq('.id', '{"id":1}\n{"id":2}\n')).toEqual({ ok: true, value: '1\n2\n' });
});

test('an error in the middle is an error of the whole, without the name of the library', async () => {
  const cases = {
    '.a[] | if . == 2 then error("two") else . end': 'two',
    nosuch: 'nosuch/0 is not defined',
    '.s | test("(")': 'Regex failure: end pattern with unmatched parenthesis',
  };
  for (const [expression, error] of Object.entries(cases))
    expect([expression, await applyJq(expression, json)]).toEqual([expression, { ok: false, error }]);
  for (const broken of ['.a[', '', '# nothing', '1]|[2']) expect((await checkJq(broken)).ok).toBe(false);
  expect((await checkJq('.a[].b')).ok).toBe(true);
});

test('the environment of the agent is not in it', async () => {
  process.env['ATTUNE_API_TOKEN'] ??= 'a-token-of-this-test';
  expect(await applyJq('env.ATTUNE_API_TOKEN, $ENV.ATTUNE_API_TOKEN', '{}')).toEqual({
    ok: true,
    value: 'null\nnull\n',
  });
});

test('what is wrong with an expression is said in words of its own', async () => {
  const early = 'syntax error: it ends too early';
  const cases = {
    '.foo |= ': early,
    '1 +\n': early,
    '"abc': early,
    '.a | ) | .b': "syntax error: ')' is not expected there",
    '1 as 2': 'syntax error: a value is not expected there',
    'input | input': 'there is no more input',
  };
  for (const [expression, error] of Object.entries(cases))
    expect([expression, await applyJq(expression, '{}')]).toEqual([expression, { ok: false, error }]);
  for (const broken of ['.a[', '.[0', '@text "\\(', 'include "a"; .']) {
    const { ok, ...rest } = await checkJq(broken);
    expect([broken, ok, JSON.stringify(rest)]).toEqual([broken, false, expect.not.stringMatching(/[A-Z]{3}_?[A-Z]/)]);
  }
});

test('an error of an expression is not the exit status of the agent', async () => {
  await checkJq('.a[');
  expect(process.exitCode ?? 0).toBe(0);
});
