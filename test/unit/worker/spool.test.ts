import { expect, test } from 'bun:test';
import { appendFileSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settlement } from '#domain/agent-store.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { openSpool } from '#worker/spool.ts';

const chunk: LogChunk = {
  execution: executionId(1),
  attempt: 1,
  stream: 'stdout',
  seq: 0,
  offset: 0,
  data: Buffer.from([0, 255]),
  at: 1,
};
const settlement: Settlement = {
  worker: workerId(7),
  instance: 'first',
  execution: executionId(1),
  attempt: 1,
  verdict: { kind: 'final', status: 'completed', result: { succeeded: true } },
};

test('what one process could not deliver the next one reads, byte for byte, but for a line that a crash cut off', () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'spool');
  const first = openSpool(path, 'first');
  first.write({ chunks: [chunk], settlements: [] });
  first.write({ chunks: [], settlements: [settlement] });
  expect(first.readLeftovers()).toEqual({ chunks: [], settlements: [] });
  appendFileSync(join(path, 'first.spool.jsonl'), '{"settlement":{"worker":"7","inst');
  const second = openSpool(path, 'second');
  const { chunks, settlements } = second.readLeftovers();
  expect(chunks.map((one) => ({ ...one, data: [...one.data] }))).toEqual([{ ...chunk, data: [0, 255] }] as never);
  expect(settlements).toEqual([settlement]);
  second.removeLeftovers();
  expect(readdirSync(path)).toEqual([]);
});

test('links, pipes and files with two names in the place of a spool are neither read nor written', () => {
  using directory = temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  const forged = `${JSON.stringify({ settlement })}\n`;
  mkdirSync(at('spool'));
  writeFileSync(at('elsewhere'), forged, { mode: 0o600 });
  symlinkSync(at('elsewhere'), at('spool/link.spool.jsonl'));
  linkSync(at('elsewhere'), at('spool/second-name.spool.jsonl'));
  Bun.spawnSync(['mkfifo', at('spool/pipe.spool.jsonl')]);
  symlinkSync(at('elsewhere'), at('spool/mine.spool.jsonl'));
  const spool = openSpool(at('spool'), 'mine');
  expect(spool.readLeftovers()).toEqual({ chunks: [], settlements: [] });
  expect(() => spool.write({ chunks: [chunk], settlements: [] })).toThrow();
  expect(readFileSync(at('elsewhere'), 'utf8')).toBe(forged);
  spool.removeLeftovers();
  spool.clear();
  expect(readFileSync(at('elsewhere'), 'utf8')).toBe(forged);
  expect(readdirSync(at('spool'))).toEqual([]);
  symlinkSync(at('spool'), at('led'));
  expect(() => openSpool(at('led'), 'mine').write({ chunks: [chunk], settlements: [] })).toThrow();
});

test('a spool whose things were delivered is gone', () => {
  using directory = temporaryDirectory();
  const spool = openSpool(directory.path, 'first');
  spool.write({ chunks: [chunk], settlements: [settlement] });
  spool.clear();
  expect(readdirSync(directory.path)).toEqual([]);
});

test('a line that was cut off does not spoil those that are written after it', () => {
  using directory = temporaryDirectory();
  const spool = openSpool(directory.path, 'first');
  const unwritable = { ...settlement, verdict: { ...settlement.verdict, result: 1n } } as never;
  expect(() => spool.write({ chunks: [chunk], settlements: [unwritable] })).toThrow();
  appendFileSync(join(directory.path, 'first.spool.jsonl'), '{"settlement":{"worker"');
  spool.write({ chunks: [], settlements: [settlement] });
  const { chunks, settlements } = openSpool(directory.path, 'second').readLeftovers();
  expect([chunks.length, settlements]).toEqual([1, [settlement]]);
});
