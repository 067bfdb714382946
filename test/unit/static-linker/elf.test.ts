import { expect, test } from 'bun:test';
import { readElf, readSymbolTable } from '#static-linker/elf.ts';
import { link, sampleProgram } from './sample-program.ts';

test('an image without a symbol table is refused', () => {
  expect(() => readSymbolTable(readElf(link(sampleProgram()), 'linked'))).toThrow('expected a symbol table');
});
