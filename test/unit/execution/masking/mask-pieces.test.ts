/** Secrets and output that are made to keep the agent busy: others get their turns, and nothing is left in the clear. */
import { expect, test } from 'bun:test';
import { maskSink } from '#execution/masking/mask-stream.ts';
import { createMasker } from '#execution/masking/masker.ts';
import { turnsDuring } from '#test/support/turns.ts';

const deadlineMs = 120_000;

/** What is shown of output that comes in chunks of 64 KiB. */
async function shownOf(output: string, secrets: readonly unknown[] = []): Promise<string> {
  const parts: Uint8Array[] = [];
  const masker = createMasker();
  await masker.learn(secrets);
  const sink = maskSink({ write: (_, bytes) => void parts.push(bytes.slice()) }, masker);
  const bytes = Buffer.from(output);
  for (let at = 0; at < bytes.length; at += 65_536) await sink.write('stdout', bytes.subarray(at, at + 65_536));
  await sink.close();
  return Buffer.concat(parts).toString();
}

async function expectTurns(what: () => Promise<void>): Promise<void> {
  expect(await turnsDuring(what)).toBeGreaterThan(0);
}

test(
  'hundreds of masks that begin alike, and output that begins like them',
  async () => {
    const masks = Array.from({ length: 100 }, (_, index) => `${'a'.repeat(800)}${index}`);
    const output = [...masks.map((one) => `::add-mask::${one}\n`), 'a'.repeat(100_000), '\n', masks[99], '\n'];
    await expectTurns(async () => expect(await shownOf(output.join(''))).toBe(`${'a'.repeat(100_000)}\n***\n`));
  },
  deadlineMs,
);

test(
  'masks between lines of output, each of which is looked through with all masks so far',
  async () => {
    const lines = Array.from({ length: 900 }, (_, index) => `::add-mask::mask number ${index} is long enough\nline\n`);
    await expectTurns(async () => expect(await shownOf(lines.join(''))).toBe('line\n'.repeat(900)));
  },
  deadlineMs,
);

test(
  'base64 of hundreds of lines, and masks whose base64 begins alike',
  async () => {
    const masks = Array.from({ length: 100 }, (_, index) => `${'\0'.repeat(600)}${index}`);
    const base64 = `${'A'.repeat(76)}\n`.repeat(2000);
    const output = [...masks.map((one) => `::add-mask::${one}\n`), base64, '.\n'];
    await expectTurns(async () => expect(await shownOf(output.join(''))).toBe(`${base64}.\n`));
  },
  deadlineMs,
);

test(
  'a secret of tens of thousands of characters, in one line and in thousands',
  async () => {
    const long = Array.from({ length: 3000 }, (_, index) => `w0rd-${index}-é`).join(' ');
    const many = long.replaceAll(' ', '\n');
    await expectTurns(async () => {
      for (const secret of [long, many]) {
        expect(await shownOf(`<${secret}>`, [secret])).toMatch(/^<(\*{3})+>$/);
        expect(await shownOf(`<${JSON.stringify(secret)}>`, [secret])).toMatch(/^<"(\*{3})+">$/);
      }
      const wrapped = Buffer.from(many).toString('base64').replace(/.{76}/g, '$&\n');
      expect((await shownOf(wrapped, [many])).replaceAll('***', '').length).toBeLessThan(1500);
      expect(await shownOf('w0rd-2990-é', [many])).toBe('***');
    });
  },
  deadlineMs,
);

test(
  'a result of many texts, with and without secrets',
  async () => {
    const masker = createMasker(['hunter2-hunter2']);
    const clean: unknown = Array.from({ length: 30_000 }, (_, index) => ({ [`k${index}`]: 'text', n: index }));
    const dirty: unknown = { list: clean, last: ['x hunter2-hunter2', { 'hunter2-hunter2': 'y'.repeat(100_000) }] };
    await expectTurns(async () => {
      expect(await masker.value(clean)).toBe(clean);
      expect(await masker.value(dirty)).toEqual({ list: clean, last: ['x ***', { '***': 'y'.repeat(100_000) }] });
    });
  },
  deadlineMs,
);
