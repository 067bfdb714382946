import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readElf } from '#static-linker/elf.ts';
import { LinkError } from '#static-linker/link-error.ts';
import { verifyStatic } from '#static-linker/verify.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { compile, link, sampleProgram, source } from './sample-program.ts';

using directory = temporaryDirectory();

test('a dynamic program becomes static and behaves as before', () => {
  const linked = link(sampleProgram());
  verifyStatic(linked);
  const file = directory.file('static', linked, 0o755);
  const env = { GIVEN: 'given' };
  const ran = call([file, 'x'], { env });
  expect(ran.stdout).toBe('args 2 constructed 1 tls 41/42 environ given/yes weak 0 compare 1 images 2\ndestructed\n');
  expect(ran.stderr).toBe('shared environ\n');
  expect(ran.exitCode).toBe(7);
});

test('it runs under the dynamic loader with the same output', () => {
  expect(existsSync('/lib/ld-musl-x86_64.so.1')).toBe(true);
  const file = directory.file('dynamic', sampleProgram(), 0o755);
  const ran = call([file, 'x'], { env: { GIVEN: 'given' } });
  expect(ran.stdout).toContain('args 2 constructed 1 tls 41/42 environ given/yes weak 0 compare 1');
});

test('two links are byte for byte the same', () => {
  expect(Bun.hash(link(sampleProgram()))).toBe(Bun.hash(link(sampleProgram())));
});

test('the result has no sections, so that strip refuses it and leaves it whole', () => {
  const file = directory.file('stripped', link(sampleProgram()), 0o755);
  expect(call(['strip', file]).exitCode).not.toBe(0);
  expect(call([file], { env: {} }).exitCode).toBe(0);
});

test('stack and entry are those of the program', () => {
  const [before, after] = [readElf(sampleProgram(), 'before'), readElf(link(sampleProgram()), 'after')];
  expect(after.entry).toBe(before.entry);
  const stackOf = (elf: typeof before) => elf.segments.find((s) => s.type === 0x6474e551)?.memoryBytes;
  expect(stackOf(after)).toBe(stackOf(before));
});

test('a truncated input is an error, wherever it is cut', () => {
  const mapped = Math.max(...readElf(sampleProgram(), 'input').segments.map((s) => s.offset + s.fileBytes));
  for (const part of [0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.99]) {
    const bytes = sampleProgram().slice(0, Math.floor(mapped * part));
    expect(() => link(bytes)).toThrow(LinkError);
  }
});

test('an export that would have taken the place of a library function is refused', () => {
  const exporting = compile(`${source}\nvoid *malloc(unsigned long bytes) { return 0; }`, [
    '-no-pie',
    '-fno-pie',
    '-rdynamic',
  ]);
  expect(() => link(exporting)).toThrow('expected no exports that its libraries define too, found malloc');
});
