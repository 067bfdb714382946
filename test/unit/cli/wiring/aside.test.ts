import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAsideWork } from '#cli/wiring/aside.ts';
import { ASIDE_LIMITS, runAside } from '#execution/process/run-aside.ts';
import { dataWorkHere } from '#execution/script/data-work.ts';
import { packWorkHere } from '#packs/pack-work.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { turnsDuring } from '#test/support/turns.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const work = createAsideWork();
const deadlineMs = 120_000;

const manyKeys = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`key${index}`, `value ${index}`]));
const yaml = Buffer.from(
  Object.entries(manyKeys)
    .map((one) => one.join(': '))
    .join('\n'),
);
const lines = Buffer.from('{"a": [1, 2, 3]}\n'.repeat(20_000));

test(
  'large output is read while timers get their turns, and comes out the same',
  async () => {
    for (const [bytes, format] of [
      [yaml, 'yaml'],
      [lines, 'jsonl'],
      [Buffer.from(JSON.stringify(Array.from({ length: 40_000 }, () => 'text'))), 'json'],
      [Buffer.from('{"a": '.repeat(40_000)), 'json'],
    ] as const) {
      const here = await dataWorkHere.readOutput(bytes, format);
      let aside: unknown;
      const turns = await turnsDuring(async () => {
        aside = await work.readOutput(bytes, format);
      });
      expect(aside).toEqual(here);
      expect(turns).toBeGreaterThan(0);
    }
  },
  deadlineMs,
);

test('work that is done at once lets nothing else get a turn', async () => {
  expect(await turnsDuring(() => dataWorkHere.readOutput(lines, 'jsonl'))).toBe(0);
});

test(
  'large parameters are written and checked while timers get their turns',
  async () => {
    for (const format of ['yaml', 'dotenv'] as const) {
      const here = await dataWorkHere.writeParameters(manyKeys, format);
      const turns = await turnsDuring(async () => expect(await work.writeParameters(manyKeys, format)).toEqual(here));
      expect(turns).toBeGreaterThan(0);
    }
    const schema = { type: 'object', properties: { text: { type: 'string', pattern: '^(a+)+$' } } };
    for (const text of ['a'.repeat(5000), `${'a'.repeat(5000)}!`]) {
      const here = await packWorkHere.checkParameters({ text }, schema);
      const turns = await turnsDuring(async () => expect(await work.checkParameters({ text }, schema)).toEqual(here));
      expect(turns).toBeGreaterThan(0);
    }
    const both = (one: object): object => ({ anyOf: [one, one] });
    const $defs = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [
        `d${n}`,
        n === 9 ? { type: 'integer' } : both({ $ref: `#/$defs/d${n + 1}` }),
      ]),
    );
    const doubling = { type: 'object', properties: { text: { $ref: '#/$defs/d0' } }, $defs };
    const here = await packWorkHere.checkParameters({ text: 'x' }, doubling);
    const check = async (): Promise<void> => expect(await work.checkParameters({ text: 'x' }, doubling)).toEqual(here);
    expect(await turnsDuring(check)).toBeGreaterThan(0);
  },
  deadlineMs,
);

test(
  'packs are loaded while timers get their turns, with the same actions and the same complaints',
  async () => {
    const pack = join(directory.path, 'packs', 'wide');
    mkdirSync(join(pack, 'actions'), { recursive: true });
    writeFileSync(join(pack, 'pack.yaml'), 'ref: wide\nlabel: Wide\nversion: 1.0.0\n');
    for (let index = 0; index < 100; index++) {
      const text = `ref: wide.a${index}\nentry_point: a.sh\nrunner_type: shell\nparameters:\n  n: {type: integer, default: 1}\n`;
      writeFileSync(join(pack, 'actions', `a${index}.yaml`), text);
    }
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    const load = async (): Promise<void> => {
      expect(plain(await work.loadPackAt(pack))).toEqual(plain(await packWorkHere.loadPackAt(pack)));
      expect(plain(await work.loadPacks(join(pack, '..')))).toEqual(
        plain(await packWorkHere.loadPacks(join(pack, '..'))),
      );
    };
    expect(await turnsDuring(load)).toBeGreaterThan(0);
    writeFileSync(join(pack, 'actions', 'a7.yaml'), 'ref: wide.a7\nparamters: {}\n');
    await load();
  },
  deadlineMs,
);

test(
  'work that takes too long or makes too much is given up with the limit that it met',
  async () => {
    const request = { task: 'readOutput', input: { stdout: yaml.toString('base64'), format: 'yaml' } };
    expect(await runAside(request, { ...ASIDE_LIMITS, timeoutMs: 0 })).toEqual({
      ok: false,
      error: 'it takes longer than 0 s',
    });
    expect(await runAside(request, { ...ASIDE_LIMITS, answerBytes: 1000 })).toEqual({
      ok: false,
      error: 'it makes more than 1000 bytes of data',
    });
    const wrong = await runAside({ task: 'none', input: {} });
    expect(wrong).toEqual({ ok: false, error: expect.not.stringContaining('memory') });
  },
  deadlineMs,
);
