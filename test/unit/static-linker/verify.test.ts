import { expect, test } from 'bun:test';
import { PF, PT } from '#static-linker/elf.ts';
import { verifyStatic } from '#static-linker/verify.ts';
import { link, sampleProgram } from './sample-program.ts';

const flaws: readonly (readonly [string, (view: DataView, at: number) => void])[] = [
  ['expected no PT_INTERP', (view, at) => view.setUint32(at, PT.INTERP, true)],
  ['expected no PT_DYNAMIC', (view, at) => view.setUint32(at, PT.DYNAMIC, true)],
  ['expected not both writable and executable', (view, at) => view.setUint32(at + 4, PF.R | PF.W | PF.X, true)],
  ['found beyond its end', (view, at) => view.setBigUint64(at + 32, 2n ** 40n, true)],
  ['to agree modulo', (view, at) => view.setBigUint64(at + 8, 1n, true)],
];
for (const [expected, change] of flaws)
  test(`verification refuses: ${expected}`, () => {
    const bytes = link(sampleProgram());
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
  const bytes = link(sampleProgram());
  const view = new DataView(bytes.buffer);
  const table = Number(view.getBigUint64(32, true));
  const loads = Array.from({ length: view.getUint16(56, true) }, (_, i) => table + i * 56).filter(
    (at) => view.getUint32(at, true) === PT.LOAD,
  );
  const [first = 0] = loads;
  view.setBigUint64(first + 40, 2n ** 31n, true);
  expect(() => verifyStatic(bytes)).toThrow('expected to begin behind');
});
