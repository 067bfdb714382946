import { expect, test } from 'bun:test';
import { DYN, DYN_BYTES, PT, RELA } from '#formats/elf-layout.ts';
import { readElf } from '#static-linker/elf.ts';
import { readProgram } from '#static-linker/program.ts';
import { compile, failureAfter, link, sampleProgram, source } from './sample-program.ts';

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
  expect(() => readProgram(link(sampleProgram()), 'again')).toThrow('no PT_DYNAMIC: is it linked already?');
});

test('an unknown relocation type is named with its number', () => {
  const found = failureAfter((view, bytes) => {
    const elf = readElf(bytes, 'x');
    const dynamic = elf.segments.find((s) => s.type === PT.DYNAMIC);
    if (!dynamic) throw new Error('no dynamic segment');
    let rela = 0;
    for (let at = dynamic.offset; view.getBigUint64(at, true) !== 0n; at += DYN_BYTES)
      if (view.getBigUint64(at, true) === 23n) rela = Number(view.getBigUint64(at + DYN.d_val, true));
    const home = elf.segments.find((s) => s.type === PT.LOAD && rela >= s.address && rela < s.address + s.fileBytes);
    view.setUint32((home?.offset ?? 0) + rela - (home?.address ?? 0) + RELA.r_type, 99, true);
  });
  expect(found).toContain('unsupported-input');
  expect(found).toContain('found type 99');
});
