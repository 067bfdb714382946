import { expect, test } from 'bun:test';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PF, PT, readElf, readSymbolTable } from '#static-linker/elf.ts';
import { LinkError } from '#static-linker/link-error.ts';
import { machineOf, machines } from '#static-linker/machines.ts';
import { merge } from '#static-linker/merge.ts';
import { readProgram } from '#static-linker/program.ts';
import { linkRuntimeImage } from '#static-linker/runtime-image.ts';
import { findToolchain } from '#static-linker/toolchain.ts';
import { verifyStatic } from '#static-linker/verify.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** A dynamically linked program in the shape of Bun's: fixed addresses, TLS, COPY, weak symbols, constructors. */
const source = `
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
extern void nobody_defines_this(void) __attribute__((weak));
static __thread int counter = 41;
static __thread char large[5000];
static int constructed;
static int (*compare)(const void *, const void *, size_t) = memcmp;

/* Pointers to functions, as absolute relocations; and enough symbols to make room for the program headers. */
void *many[] = {strtol, strtoul, strtod, atoi, atol, qsort, bsearch, abs, div, labs, rand, srand, getpid, getppid, getuid, geteuid, access, chdir, close, dup};

__attribute__((constructor)) static void construct(void) { constructed = 1; }
__attribute__((destructor)) static void destruct(void) { write(1, "destructed\\n", 11); }
static void *work(void *unused) { counter++; large[4999] = 1; return (void *)(long)counter; }
static int count(struct dl_phdr_info *info, size_t size, void *total) { ++*(int *)total; return info->dlpi_phnum == 0; }

int main(int argc, char **argv) {
  pthread_t thread;
  void *answer;
  int images = 0;
  setenv("ADDED", "yes", 1);
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, &answer);
  dl_iterate_phdr(count, &images);
  fprintf(stdout, "args %d constructed %d tls %d/%ld environ %s/%s weak %d compare %d images %d\\n", argc, constructed, counter,
          (long)answer, getenv("GIVEN"), getenv("ADDED"), nobody_defines_this != 0, compare("a", "a", 1) == 0 && compare == memcmp, images);
  char **one = environ;
  while (*one && strcmp(*one, "ADDED=yes")) one++;
  fprintf(stderr, "%s\\n", *one ? "shared environ" : "two environs");
  return argc == 1 ? 0 : many[0] == (void *)strtol ? 7 : 8;
}
`;

const machine = machineOf(62, 'test');
const toolchain = findToolchain(machine);
using directory = temporaryDirectory();
const input = compile(source);

function compile(text: string, flags: readonly string[] = ['-no-pie', '-fno-pie']): Uint8Array<ArrayBuffer> {
  using work = temporaryDirectory();
  const out = join(work.path, 'program');
  const compiled = call(['musl-gcc', '-O1', '-o', out, ...flags, work.file('program.c', text)]);
  if (compiled.exitCode !== 0) throw new Error(compiled.stderr);
  return new Uint8Array(readFileSync(out));
}

function link(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const program = readProgram(bytes, 'program');
  return merge(program, linkRuntimeImage(program, toolchain));
}

/** What goes wrong when the input is changed by `change`. */
function failure(change: (view: DataView, bytes: Uint8Array) => void): string {
  const bytes = input.slice();
  change(new DataView(bytes.buffer), bytes);
  try {
    link(bytes);
    return 'linked';
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

test('a dynamic program becomes static and behaves as before', async () => {
  const linked = link(input);
  verifyStatic(linked);
  const file = join(directory.path, 'static');
  await Bun.write(file, linked);
  chmodSync(file, 0o755);
  const env = { GIVEN: 'given' };
  const ran = call([file, 'x'], { env });
  expect(ran.stdout).toBe('args 2 constructed 1 tls 41/42 environ given/yes weak 0 compare 1 images 2\ndestructed\n');
  expect(ran.stderr).toBe('shared environ\n');
  expect(ran.exitCode).toBe(7);
});

test('it runs under the dynamic loader with the same output', () => {
  expect(existsSync('/lib/ld-musl-x86_64.so.1')).toBe(true);
  const file = directory.file('dynamic', input, 0o755);
  const ran = call([file, 'x'], { env: { GIVEN: 'given' } });
  expect(ran.stdout).toContain('args 2 constructed 1 tls 41/42 environ given/yes weak 0 compare 1');
});

test('two links are byte for byte the same', () => {
  expect(Bun.hash(link(input))).toBe(Bun.hash(link(input)));
});

test('the result has no sections, so that strip refuses it and leaves it whole', () => {
  const file = directory.file('stripped', link(input), 0o755);
  expect(call(['strip', file]).exitCode).not.toBe(0);
  expect(call([file], { env: {} }).exitCode).toBe(0);
});

test('stack and entry are those of the program', () => {
  const [before, after] = [readElf(input, 'before'), readElf(link(input), 'after')];
  expect(after.entry).toBe(before.entry);
  const stackOf = (elf: typeof before) => elf.segments.find((s) => s.type === 0x6474e551)?.memoryBytes;
  expect(stackOf(after)).toBe(stackOf(before));
});

test('what is no ELF file is refused by name', () => {
  expect(() => readProgram(Buffer.from('#!/bin/sh'), 'script')).toThrow(
    'script: expected a 64-bit little-endian ELF file',
  );
  expect(() => readProgram(new Uint8Array(), 'empty')).toThrow('found an empty file');
});

test('a position-independent program is refused', () => {
  expect(() => readProgram(compile(source, ['-pie', '-fPIE']), 'pie')).toThrow(
    'expected an executable at fixed addresses',
  );
});

test('a linked program is refused as input', () => {
  expect(() => readProgram(link(input), 'again')).toThrow('no PT_DYNAMIC: is it linked already?');
});

test('another processor is refused', () => {
  expect(failure((view) => view.setUint16(18, 243, true))).toBe(
    'wrong-machine: program: expected e_machine x86_64 (62) or aarch64 (183), found 243',
  );
});

test('a symbol that nothing defines is named', () => {
  const bytes = compile(source.replace('memcmp;', 'memcmp; extern int not_in_musl(void) __attribute__((weak));'));
  const patched = Buffer.from(bytes).toString('latin1').replace('pthread_join', 'pthread_joim');
  expect(() => link(new Uint8Array(Buffer.from(patched, 'latin1')))).toThrow('pthread_joim');
});

test('an unknown relocation type is named with its number', () => {
  const found = failure((view, bytes) => {
    const elf = readElf(bytes, 'x');
    const dynamic = elf.segments.find((s) => s.type === PT.DYNAMIC);
    if (!dynamic) throw new Error('no dynamic segment');
    let rela = 0;
    for (let at = dynamic.offset; view.getBigUint64(at, true) !== 0n; at += 16)
      if (view.getBigUint64(at, true) === 23n) rela = Number(view.getBigUint64(at + 8, true));
    const home = elf.segments.find((s) => s.type === PT.LOAD && rela >= s.address && rela < s.address + s.fileBytes);
    view.setUint32((home?.offset ?? 0) + rela - (home?.address ?? 0) + 8, 99, true);
  });
  expect(found).toContain('unsupported-input');
  expect(found).toContain('found type 99');
});

test('a truncated input is an error, wherever it is cut', () => {
  const mapped = Math.max(...readElf(input, 'input').segments.map((s) => s.offset + s.fileBytes));
  for (const part of [0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.99]) {
    const bytes = input.slice(0, Math.floor(mapped * part));
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

const flaws: readonly (readonly [string, (view: DataView, at: number) => void])[] = [
  ['expected no PT_INTERP', (view, at) => view.setUint32(at, PT.INTERP, true)],
  ['expected no PT_DYNAMIC', (view, at) => view.setUint32(at, PT.DYNAMIC, true)],
  ['expected not both writable and executable', (view, at) => view.setUint32(at + 4, PF.R | PF.W | PF.X, true)],
  ['found beyond its end', (view, at) => view.setBigUint64(at + 32, 2n ** 40n, true)],
  ['to agree modulo', (view, at) => view.setBigUint64(at + 8, 1n, true)],
];
for (const [expected, change] of flaws)
  test(`verification refuses: ${expected}`, () => {
    const bytes = link(input);
    const view = new DataView(bytes.buffer);
    const table = Number(view.getBigUint64(32, true));
    const first =
      Array.from({ length: view.getUint16(56, true) }, (_, i) => table + i * 56).find(
        (at) => view.getUint32(at, true) === PT.LOAD,
      ) ?? 0;
    change(view, first);
    expect(() => verifyStatic(bytes)).toThrow(expected);
  });

test('verification refuses segments that overlap', () => {
  const bytes = link(input);
  const view = new DataView(bytes.buffer);
  const table = Number(view.getBigUint64(32, true));
  const loads = Array.from({ length: view.getUint16(56, true) }, (_, i) => table + i * 56).filter(
    (at) => view.getUint32(at, true) === PT.LOAD,
  );
  const [first = 0] = loads;
  view.setBigUint64(first + 40, 2n ** 31n, true);
  expect(() => verifyStatic(bytes)).toThrow('expected to begin behind');
});

test('the table of machines says which relocation is which', () => {
  expect(machines.map((one) => [one.name, Object.values(one.relocations).toSorted()])).toEqual(
    (['x86_64', 'aarch64'] as const).map((name) => [
      name,
      ['absolute', 'copy', 'global', 'global', 'relative', 'thread-offset'],
    ]),
  );
});

test('an image without a symbol table is refused', () => {
  expect(() => readSymbolTable(readElf(link(input), 'linked'))).toThrow('expected a symbol table');
});
