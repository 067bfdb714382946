import { expect, test } from 'bun:test';
import type { Interpreter } from '#domain/runtime.ts';
import { chooseInterpreter } from '#execution/runtimes/choose-interpreter.ts';
import { chooseRuntimes } from '#execution/runtimes/override.ts';

function interpreter(family: string, version: string | undefined, problem?: string): Interpreter {
  const path = `/usr/bin/${family}${version ?? ''}`;
  return { family, path, realPath: path, version, problem, probeMs: 1 };
}

const here = [
  interpreter('shell', undefined),
  interpreter('python', '3.11.2'),
  interpreter('python', '3.12.1'),
  interpreter('python', '3.9.18'),
  interpreter('node', undefined, 'did not answer within 2 s'),
];

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
  expect(message('nodejs')).toBe('node does not work here: did not answer within 2 s');
  expect(message('cobol')).toBe("'cobol' is no runtime the agent knows");
});

test('ATTUNE_WORKER_RUNTIMES: absent means all, empty means none, aliases are understood', () => {
  const chosen = (requested: string | undefined): unknown => {
    const answer = chooseRuntimes(requested, here);
    return answer.ok ? answer.value : answer.error.message;
  };
  expect(chosen(undefined)).toEqual(['shell', 'python']);
  expect(chosen('')).toEqual([]);
  expect(chosen(' , ')).toEqual([]);
  expect(chosen('python3, bash,python')).toEqual(['python', 'shell']);
  expect(chosen('python,ruby')).toBe(
    "ATTUNE_WORKER_RUNTIMES: 'ruby' was not found here. Runtimes that are here: shell, python",
  );
  expect(chosen('nodejs')).toContain('does not work here (did not answer within 2 s)');
  expect(chosen('fortran')).toContain("'fortran' is no runtime the agent knows");
});
