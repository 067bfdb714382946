import { expect, test } from 'bun:test';
import { masked } from './masked.ts';

/** How the libraries of the titles write the secret: recorded, since few machines have all of them. */
test.each([
  ["the password of Node's URL", 'k7Zq/9xT+Lm2vQ==', 'k7Zq%2F9xT+Lm2vQ%3D%3D'],
  ["the password of Node's URL", 'p@ss:w0rd/x+y', 'p%40ss%3Aw0rd%2Fx+y'],
  ["the password of Go's URL", "it's&w+x;y", 'it%27s&w+x;y'],
  ["the password of Go's URL in JSON", "it's&w+x;y", 'it%27s\\u0026w+x;y'],
  ["the password of Go's URL in JSON within JSON", "it's&w+x;y", 'it%27s\\\\u0026w+x;y'],
  ["a segment of Go's path", 'a/b&c:d;e', 'a%2Fb&c:d%3Be'],
  ['a path of older Node', 'a^b{c}d', 'a^b%7Bc%7Dd'],
  ['a path that browsers read', 'ab\\cd?e{f', 'ab/cd?e{f'],
  ['a path of Java', 'a[b]/c@d e', 'a%5Bb%5D/c@d%20e'],
  ["JavaScript's escape", 'pä/s+s=漢', 'p%E4/s+s%3D%u6F22'],
  ['an attribute of HTML', 'p@ss&word', 'p%40ss&amp;word'],
])('%s', async (_, secret, written) => {
  expect(await masked([secret], [`<${written}>`])).toBe('<***>');
});

test('what a URL shortens to almost nothing is not looked for', async () => {
  expect(await masked(['\n\n/../a\nb'], ['ab and /ab stay'])).toBe('ab and /ab stay');
});
