import { expect, test } from 'bun:test';
import { withoutBase } from '#control-plane/api/base-path.ts';

test('the base path is taken away where it stands as whole names, and nowhere else', () => {
  const without = (path: string, base = '/tools/attune'): string => withoutBase(`http://h:1${path}`, base).slice(10);
  expect(without('/tools/attune/api/v1/executions?q=/tools/attune/')).toBe('/api/v1/executions?q=/tools/attune/');
  expect(without('/tools/attune/')).toBe('/');
  for (const path of ['/tools/attune', '/tools/attune?q=1', '/api/v1/x', '/tools/attuned/x', '/x/tools/attune/y'])
    expect(without(path)).toBe(path);
  expect(without('/tools/attune/x', '')).toBe('/tools/attune/x');
  expect(without('/tools/attune/tools/attune/x%2Fy')).toBe('/tools/attune/x%2Fy');
});
