/** Secrets, and what is shown of their spellings. */
import { expect } from 'bun:test';
import fc from 'fast-check';
import { maskSink } from '#execution/masking/mask-stream.ts';
import { createMasker, type Masker } from '#execution/masking/masker.ts';

const SECRETS = 30;
export const SEED = 20_260_101;

/** Characters that encoders treat in ways of their own, and those that they leave alone. */
const letter = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'abcXYZ0189') },
  { weight: 3, arbitrary: fc.constantFrom(...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ ') },
  { weight: 1, arbitrary: fc.constantFrom('ä', 'é', '漢', '😀', '\t') },
);
const word = fc.array(letter, { minLength: 8, maxLength: 40 }).map((letters) => letters.join(''));
const secret = fc
  .oneof(
    { weight: 4, arbitrary: word },
    { weight: 2, arbitrary: word.map((text) => `${text}\n`) },
    { weight: 1, arbitrary: fc.array(word, { minLength: 2, maxLength: 4 }).map((lines) => `${lines.join('\n')}\n`) },
  )
  .filter((text) => text.trim().length >= 8);

/** Secrets that encoders spell in ways of their own. */
export const secrets = fc.sample(secret, { numRuns: SECRETS, seed: SEED });

/** A masker of each secret that was looked for, since they take long to make. */
const maskers = new Map<string, Masker>();

function maskerOf(value: string): Masker {
  const known = maskers.get(value) ?? createMasker([value]);
  maskers.set(value, known);
  return known;
}

/** What is shown of output that comes in chunks, by a masker of this secret. */
export async function masked(value: string, output: Buffer, cuts: readonly number[]): Promise<string> {
  const parts: Uint8Array[] = [];
  const sink = maskSink({ write: (_, bytes) => void parts.push(bytes) }, maskerOf(value));
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    await sink.write('stdout', output.subarray(from, cut));
    from = cut;
  }
  await sink.write('stdout', output.subarray(from));
  await sink.close();
  return Buffer.concat(parts).toString();
}

/** What a program writes around the secret: names, quotes, and the digits that encodings share with neighbours. */
const MOST_AROUND = 44;
/** So many secrets are tried in chunks of one byte too, which takes long. */
const BYTE_BY_BYTE = 6;

/** Expects that nothing of a secret is shown, in whatever chunks its spelling comes. */
export async function expectHidden(value: string, written: string | Buffer, index: number): Promise<void> {
  const output = Buffer.from(written);
  const cuts = fc.sample(fc.nat(Math.max(output.length, 1)), { numRuns: 6, seed: SEED + index });
  for (const chunks of [[], cuts, index < BYTE_BY_BYTE ? Array.from(output.keys()) : []]) {
    const shown = await masked(value, output, chunks);
    const rest = shown.replaceAll('***', '');
    const what = `${JSON.stringify(value)} written as ${written} is shown as ${shown}`;
    expect(shown, what).toContain('***');
    expect(rest.length, what).toBeLessThanOrEqual(MOST_AROUND * value.trim().split('\n').length);
    for (const line of value.split('\n')) if (line.trim().length >= 8) expect(shown, what).not.toContain(line.trim());
  }
}
