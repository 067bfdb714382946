import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LinkError } from '#static-linker/link-error.ts';
import { machineOf } from '#static-linker/machines.ts';
import { merge } from '#static-linker/merge.ts';
import { readProgram } from '#static-linker/program.ts';
import { linkRuntimeImage } from '#static-linker/runtime-image.ts';
import { findToolchain } from '#static-linker/toolchain.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** A dynamically linked program in the shape of Bun's: fixed addresses, TLS, COPY, weak symbols, constructors. */
export const source = `
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

const toolchain = findToolchain(machineOf(62, 'test'));
let compiled: Uint8Array<ArrayBuffer> | undefined;

/** The sample program, compiled once. */
export function sampleProgram(): Uint8Array<ArrayBuffer> {
  compiled ??= compile(source);
  return compiled;
}

/** Compiles a C program with musl. Throws with the words of the compiler. */
export function compile(text: string, flags: readonly string[] = ['-no-pie', '-fno-pie']): Uint8Array<ArrayBuffer> {
  using work = temporaryDirectory();
  const out = join(work.path, 'program');
  const { exitCode, stderr } = call(['musl-gcc', '-O1', '-o', out, ...flags, work.file('program.c', text)]);
  if (exitCode !== 0) throw new Error(stderr);
  return new Uint8Array(readFileSync(out));
}

/** The static form of a dynamically linked program. */
export function link(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const program = readProgram(bytes, 'program');
  return merge(program, linkRuntimeImage(program, toolchain));
}

/** Code and message of the error that stops the link of the sample program after `change`; 'linked' when none does. */
export function failureAfter(change: (view: DataView, bytes: Uint8Array) => void): string {
  const bytes = sampleProgram().slice();
  change(new DataView(bytes.buffer), bytes);
  try {
    link(bytes);
    return 'linked';
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}
