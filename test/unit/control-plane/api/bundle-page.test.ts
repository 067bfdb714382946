import { expect, test } from 'bun:test';
import { bundlePage } from '#control-plane/api/bundle-page.ts';

test('the page has the types of the wire and none of its schemas, and its first load is small', () => {
  const { html, script, style, docsScript } = bundlePage();
  expect(script).toContain('api/v1/');
  /* A code of zod's own: it is in every bundle that holds zod. */
  expect(script + docsScript).not.toContain('invalid_type');
  const firstLoad = [html, script, style].map((text) => Bun.gzipSync(text).length);
  expect(firstLoad.reduce((sum, one) => sum + one)).toBeLessThan(60_000);
});
