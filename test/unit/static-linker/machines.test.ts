import { expect, test } from 'bun:test';
import { EHDR } from '#formats/elf-layout.ts';
import { machines } from '#static-linker/machines.ts';
import { failureAfter } from './sample-program.ts';

test('the table of machines says which relocation is which', () => {
  expect(machines.map((one) => [one.name, Object.values(one.relocations).toSorted()])).toEqual(
    (['x86_64', 'aarch64'] as const).map((name) => [
      name,
      ['absolute', 'copy', 'global', 'global', 'relative', 'thread-offset'],
    ]),
  );
});

test('another processor is refused', () => {
  expect(failureAfter((view) => view.setUint16(EHDR.e_machine, 243, true))).toBe(
    'wrong-machine: program: expected e_machine x86_64 (62) or aarch64 (183), found 243',
  );
});
