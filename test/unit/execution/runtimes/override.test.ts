import { expect, test } from 'bun:test';
import { chooseRuntimes } from '#execution/runtimes/override.ts';
import { here } from './interpreters.ts';

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
    "ATTUNE_WORKER_RUNTIMES: 'ruby' was not found here. Runtimes that are here: shell, python, native",
  );
  expect(chosen('builtin,shell')).toEqual(['native', 'shell']);
  expect(chosen('nodejs')).toContain('does not work here (did not answer within 2 s)');
  expect(chosen('fortran')).toContain("'fortran' is no runtime the agent knows");
});
