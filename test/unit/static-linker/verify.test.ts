import { expect, test } from 'bun:test';
import { EHDR, PHDR, PHDR_BYTES, PT } from '#formats/elf-layout.ts';
import { PF } from '#static-linker/elf.ts';
import { verifyStatic } from '#static-linker/verify.ts';
import { link, sampleProgram } from './sample-program.ts';

const flaws: readonly (readonly [string, (view: DataView, at: number) => void])[] = [
  ['expected no PT_INTERP', (view, at) => view.setUint32(at, PT.INTERP, true)],
  ['expected no PT_DYNAMIC', (view, at) => view.setUint32(at, PT.DYNAMIC, true)],
  [
    'expected not both writable and executable',
    (view, at) => view.setUint32(at + PHDR.p_flags, PF.R | PF.W | PF.X, true),
  ],
  ['found beyond its end', (view, at) => view.setBigUint64(at + PHDR.p_filesz, 2n ** 40n, true)],
  ['to agree modulo', (view, at) => view.setBigUint64(at + PHDR.p_offset, 1n, true)],
];
for (const [expected, change] of flaws)
  test(`verification refuses: ${expected}`, () => {
    const bytes = link(sampleProgram());
    const view = new DataView(bytes.buffer);
    const table = Number(view.getBigUint64(EHDR.e_phoff, true));
    const first =
      Array.from({ length: view.getUint16(EHDR.e_phnum, true) }, (_, i) => table + i * PHDR_BYTES).find(
        (at) => view.getUint32(at, true) === PT.LOAD,
      ) ?? 0;
    change(view, first);
    expect(() => verifyStatic(bytes)).toThrow(expected);
  });

test('verification refuses segments that overlap', () => {
  const bytes = link(sampleProgram());
  const view = new DataView(bytes.buffer);
  const table = Number(view.getBigUint64(EHDR.e_phoff, true));
  const loads = Array.from({ length: view.getUint16(EHDR.e_phnum, true) }, (_, i) => table + i * PHDR_BYTES).filter(
    (at) => view.getUint32(at, true) === PT.LOAD,
  );
  const [first = 0] = loads;
  view.setBigUint64(first + 40, 2n ** 31n, true);
  expect(() => verifyStatic(bytes)).toThrow('expected to begin behind');
});
