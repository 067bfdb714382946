import { expect, test } from 'bun:test';
import { chooseInterpreter } from '#execution/runtimes/choose-interpreter.ts';
import { here } from './interpreters.ts';

const constraints: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, '3.11.2'],
  ['3.12', '3.12.1'],
  ['3', '3.11.2'],
  ['=3.9', '3.9.18'],
  ['=3.9.18', '3.9.18'],
  ['>=3.12', '3.12.1'],
  ['<3.10', '3.9.18'],
  ['>=3.9, <3.11', '3.9.18'],
  ['~3.12', '3.12.1'],
  ['^3.10', '3.11.2'],
  ['>3.11,<=3.12.1', '3.12.1'],
  ['3.13', undefined],
  ['>=4', undefined],
];
for (const [constraint, version] of constraints)
  test(`python ${constraint ?? 'of any version'} is ${version ?? 'not here'}`, () => {
    const choice = chooseInterpreter('python3', constraint, here);
    expect(choice.ok ? choice.value.interpreter.version : undefined).toBe(version);
    if (!choice.ok) expect(choice.error.message).toContain('3.11.2 (/usr/bin/python3.11.2), 3.12.1');
  });

test('what is no constraint is refused, never ignored', () => {
  for (const wrong of ['latest', '3.12 || 2', '>=', '', '3.x', '3.1.2.3']) {
    const choice = chooseInterpreter('python', wrong, here);
    expect(choice.ok ? 'chosen' : choice.error.message).toContain('is no version constraint');
  }
});

test('an interpreter without a version satisfies no constraint', () => {
  expect(chooseInterpreter('shell', '>=1', here).ok).toBe(false);
  expect(chooseInterpreter('shell', undefined, here).ok).toBe(true);
});

test('absent, broken and unknown runtimes are told apart', () => {
  const message = (name: string): string => {
    const choice = chooseInterpreter(name, undefined, here);
    return choice.ok ? '' : choice.error.message;
  };
  expect(message('ruby')).toBe('no ruby found here (looked for ruby); runtimes that are here: shell, python');
  const alone = chooseInterpreter('ruby', undefined, []);
  expect(alone).toMatchObject({ ok: false, error: { message: 'no ruby found here (looked for ruby)' } });
  expect(message('nodejs')).toBe('node does not work here: did not answer within 2 s');
  expect(message('cobol')).toBe("'cobol' is no runtime the agent knows");
});
