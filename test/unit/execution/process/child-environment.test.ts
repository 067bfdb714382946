import { expect, test } from 'bun:test';
import { changeVariables } from '#execution/process/child-environment.ts';

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
