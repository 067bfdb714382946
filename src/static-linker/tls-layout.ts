import { PT } from '#formats/elf-layout.ts';
import { alignUp } from './elf.ts';
import { LinkError } from './link-error.ts';
import type { Program } from './program.ts';
import { type RuntimeImage, TLS_PAD } from './runtime-image.ts';

/** One block of thread-local storage for both images. */
export interface TlsLayout {
  /** The bytes with which every thread's block starts. */
  readonly initial: Uint8Array;
  readonly memoryBytes: number;
  readonly align: number;
  /** The numbers to be added to an offset in each side's own block to get the offset from the thread pointer. */
  readonly programBias: number;
  readonly runtimeBias: number;
}

/**
 * Lays out the block of thread-local storage. The runtime image was linked with room for the program's block (TLS_PAD),
 * and both must agree on where it is.
 */
export function layOutTls(program: Program, runtime: RuntimeImage): TlsLayout {
  const own = runtime.elf.segments.find((s) => s.type === PT.TLS);
  const pad = runtime.symbols.get(TLS_PAD);
  if (!(own && pad))
    throw new LinkError(
      'layout',
      `runtime image: expected PT_TLS and ${TLS_PAD}, found ${own ? 'no pad' : 'no PT_TLS'}`,
    );
  const block = program.tls;
  const align = Math.max(own.align, block?.align ?? 1);
  const memoryBytes = alignUp(own.memoryBytes, align);
  const blockBytes = block ? alignUp(block.memoryBytes, block.align) : 0;
  const { tls } = program.machine;
  const isPlaced = tls.program === 'below' ? pad.value + blockBytes === memoryBytes : pad.value === 0;
  if (!isPlaced) {
    const expected = `the program's ${blockBytes} bytes ${tls.program} the runtime's, in ${memoryBytes} bytes in all`;
    throw new LinkError('layout', `TLS: expected ${expected}, found them at offset ${pad.value}`);
  }
  const initial = new Uint8Array(Math.max(pad.value + (block?.fileBytes ?? 0), own.fileBytes));
  initial.set(runtime.elf.bytes.subarray(own.offset, own.offset + own.fileBytes));
  if (block) initial.set(program.elf.bytes.subarray(block.offset, block.offset + block.fileBytes), pad.value);
  const above = tls.program === 'above' ? alignUp(tls.controlBlockBytes, align) : 0;
  return tls.program === 'below'
    ? { initial, memoryBytes, align, programBias: -blockBytes, runtimeBias: -memoryBytes }
    : { initial, memoryBytes, align, programBias: above, runtimeBias: above };
}
