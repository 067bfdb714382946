import { expect, test } from 'bun:test';
import { showOriginal } from '#execution/process/show-original.ts';

const [copy, dependencies] = ['/envs/dé(mo)/.node-1/pack', '/envs/dé(mo)/.node-2/pack'];
const copied = { copies: [copy, dependencies], original: '/packs/dé' };

async function shown(chunks: readonly (string | Uint8Array)[]): Promise<readonly Buffer[]> {
  const parts: Buffer[] = [];
  const { take, end } = showOriginal(copied, async (chunk) => void parts.push(Buffer.from(chunk)));
  for (const chunk of chunks) await take(Buffer.from(chunk));
  await end();
  return parts;
}

test('files of the copies are named as those of the original, but not what was installed there', async () => {
  const trace = (pack: string, vendor: string): string =>
    `file://${pack}/actions/go.mjs:3\n  at mäin (${pack}/actions/go.mjs:3:9)\n  at ${vendor}/vendor/a.js:1\n  at ${dependencies}/node_modules/b.js:1\n`;
  const parts = await shown([trace(copy, dependencies)]);
  expect(parts.map(String)).toEqual([trace(copied.original, copied.original)]);
});

test('a path that comes in any two chunks is one, nothing waits that is none, and no byte is changed', async () => {
  const line = (pack: string): Buffer<ArrayBuffer> =>
    Buffer.concat([Buffer.from(`at ${pack}/ä.mjs:1:2 `), Buffer.from([0xff, 0, 0x0a])]);
  const whole = line(copy);
  for (let at = 0; at <= whole.length; at++)
    expect(Buffer.concat(await shown([whole.subarray(0, at), whole.subarray(at)]))).toEqual(line(copied.original));
  const parts = await shown(['first\n', 'second /envs/d', 'e']);
  expect(parts.map(String)).toEqual(['first\n', 'second ', '/envs/de']);
});
