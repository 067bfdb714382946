import { expect, test } from 'bun:test';
import { shell } from '#domain/families/scripting.ts';
import { changeVariables, childEnvironment } from '#execution/process/child-environment.ts';

test('variables are replaced, or added to before and behind', () => {
  const changes = {
    A: 'new',
    PATH: { value: '/x', operation: 'prepend' },
    RUBYOPT: { value: '-r y', operation: 'append', separator: ' ' },
    B: { value: 'set' },
    NEW: { value: 'alone', operation: 'append' },
  } as const;
  expect(changeVariables({ A: 'old', PATH: '/bin', RUBYOPT: '-w', B: 'b', C: 'c' }, changes)).toEqual({
    ...{ A: 'new', PATH: '/x:/bin', RUBYOPT: '-w -r y', B: 'set', C: 'c', NEW: 'alone' },
  });
});

test.each([
  [{}, { LANG: 'C.UTF-8' }],
  [{ LANG: '', LC_ALL: '' }, { LANG: 'C.UTF-8' }],
  [{ LANGUAGE: 'de' }, { LANG: 'C.UTF-8', LANGUAGE: 'de' }],
  [{ LANG: 'de_DE.UTF-8' }, { LANG: 'de_DE.UTF-8' }],
  [{ LANG: 'C' }, { LANG: 'C' }],
  [{ LC_ALL: 'POSIX' }, { LC_ALL: 'POSIX' }],
  [
    { LANG: 'en_US.UTF-8', LC_COLLATE: 'C', LC_NUMERIC: '' },
    { LANG: 'en_US.UTF-8', LC_COLLATE: 'C' },
  ],
  [{ LC_TIME: 'de_DE.UTF-8' }, { LANG: 'C.UTF-8', LC_TIME: 'de_DE.UTF-8' }],
  [{ LC_CTYPE: 'ja_JP.eucJP', LC_ALL: '' }, { LC_CTYPE: 'ja_JP.eucJP' }],
])('of a container with %p a child gets %p', (env, expected) => {
  const child = childEnvironment(env, shell, '/bin/sh');
  const locale = Object.entries(child).filter(([name]) => /^(LANG|LC_)/.test(name));
  expect(Object.fromEntries(locale)).toEqual(expected);
});
