/** Puts a program and its runtime image into one static file: every relocation is resolved here, none at run time. */

import { ADDRESS_BYTES, EHDR, PHDR, PHDR_BYTES, PT } from '#formats/elf-layout.ts';
import { alignUp, endOfMemory, hex, offsetOf, PF, type Segment } from './elf.ts';
import { LinkError } from './link-error.ts';
import type { Program } from './program.ts';
import { type Link, relocate } from './relocate.ts';
import { PROGRAM_PROCEDURES, type RuntimeImage } from './runtime-image.ts';
import { layOutTls } from './tls-layout.ts';

/**
 * Merges a program and its runtime into the whole file. Throws LinkError `unresolved-symbol`, `interposed-symbol` or
 * `layout`.
 */
export function merge(program: Program, runtime: RuntimeImage): Uint8Array<ArrayBuffer> {
  refuseInterposition(program, runtime);
  const link = { program, runtime, tls: layOutTls(program, runtime) };
  const code = Uint8Array.from(program.elf.bytes);
  relocate(link, code);
  const appended = append(link, code.length);
  const out = new Uint8Array(appended.totalBytes);
  out.set(code);
  for (const part of appended.parts) out.set(part.bytes, part.offset);
  writeProcedures(out, link, appended.segments);
  writeHeaders(out, program, appended.segments);
  return out;
}

/** Ends and entry points: every image has its own. */
const perImage: readonly string[] = ['_init', '_fini', '_start', 'main', '_end', '_edata', '__bss_start'];

/** A symbol that the program exports would have taken the place of the library's. Only COPY data is known to do so. */
function refuseInterposition(program: Program, runtime: RuntimeImage): void {
  const copied = new Set(program.relocations.filter((r) => r.kind === 'copy').map((r) => r.target));
  const exported = program.symbols.filter(
    (s) => s.isDefined && !s.isLocal && !copied.has(s.value) && !perImage.includes(s.name),
  );
  const clash = exported.find((symbol) => runtime.symbols.get(symbol.name)?.isLocal === false);
  if (clash) {
    const expected = `${program.elf.label}: expected no exports that its libraries define too`;
    throw new LinkError('interposed-symbol', `${expected}, found ${clash.name}`);
  }
}

interface Appended {
  readonly parts: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly segments: readonly Segment[];
  readonly totalBytes: number;
}

/** Behind the program's own bytes come the runtime's segments, then the initial thread-local storage. */
function append({ program, runtime, tls }: Link, from: number): Appended {
  const page = program.machine.pageBytes;
  const dropped: readonly number[] = [PT.INTERP, PT.DYNAMIC, PT.TLS];
  const segments: Segment[] = program.elf.segments
    .filter((s) => !dropped.includes(s.type))
    .flatMap((s) => withoutWriting(s, program));
  const parts: { offset: number; bytes: Uint8Array }[] = [];
  let end = from;
  const place = (bytes: Uint8Array, address: number): number => {
    const offset = alignUp(end, page) + (address % page);
    parts.push({ offset, bytes });
    end = offset + bytes.length;
    return offset;
  };
  for (const load of runtime.elf.segments.filter((s) => s.type === PT.LOAD)) {
    const bytes = runtime.elf.bytes.subarray(load.offset, load.offset + load.fileBytes);
    segments.push({ ...load, offset: place(bytes, load.address) });
  }
  const address = alignUp(endOfMemory(runtime.elf), Math.max(page, tls.align));
  const { length } = tls.initial;
  const template = { flags: PF.R, offset: place(tls.initial, address), address, fileBytes: length };
  segments.push({ ...template, type: PT.LOAD, memoryBytes: length, align: page });
  segments.push({ ...template, type: PT.TLS, memoryBytes: tls.memoryBytes, align: tls.align });
  return { parts, segments, totalBytes: end };
}

/** Maps the bundle read-only, so that its pages can be given back (native.c): what is read again comes from the file. */
function withoutWriting(segment: Segment, { bundle, machine: { pageBytes } }: Program): readonly Segment[] {
  const data = (bundle?.address ?? 0) - segment.address;
  const isApart =
    bundle !== undefined &&
    bundle.address % pageBytes === 0 &&
    alignUp(bundle.address + bundle.bytes, pageBytes) >= segment.address + segment.memoryBytes;
  if (segment.type !== PT.LOAD || !isApart || data <= 0 || data >= segment.fileBytes) return [segment];
  const { offset, address, fileBytes, memoryBytes } = segment;
  const rest = { fileBytes: fileBytes - data, memoryBytes: memoryBytes - data };
  return [
    { ...segment, fileBytes: data, memoryBytes: data },
    { ...segment, ...rest, flags: PF.R, offset: offset + data, address: address + data },
  ];
}

/** Tells init.c where the program's constructors and destructors are, in the order of its struct. */
function writeProcedures(out: Uint8Array<ArrayBuffer>, link: Link, segments: readonly Segment[]): void {
  const symbol = link.runtime.symbols.get(PROGRAM_PROCEDURES);
  if (!symbol) throw new LinkError('layout', `runtime image: expected ${PROGRAM_PROCEDURES}, found none`);
  const view = new DataView(out.buffer);
  const output = { ...link.runtime.elf, segments, bytes: out, view, label: 'output' };
  const at = offsetOf(output, symbol.value, PROGRAM_PROCEDURES);
  const { init, initArray, initCount, fini, finiArray, finiCount } = link.program.procedures;
  for (const [i, value] of [init, initArray, initCount, fini, finiArray, finiCount].entries())
    view.setBigUint64(at + i * ADDRESS_BYTES, BigInt(value), true);
}

/**
 * The new program headers go over the dead dynamic symbols: inside the first mapping, as kernels before 5.18 want it.
 * Section headers are left out: tools that would rewrite the file by them (strip) then refuse it instead of breaking it.
 */
function writeHeaders(out: Uint8Array<ArrayBuffer>, program: Program, segments: readonly Segment[]): void {
  const view = new DataView(out.buffer);
  const at = alignUp(program.deadSpace.offset, ADDRESS_BYTES);
  const end = program.deadSpace.offset + program.deadSpace.bytes;
  const needed = segments.length * PHDR_BYTES;
  const first = segments.find((s) => s.type === PT.LOAD && s.offset === 0);
  if (at + needed > end)
    throw new LinkError('layout', `program headers: expected ${needed} bytes of dead symbols, found ${end - at}`);
  if (!first || at + needed > first.fileBytes) {
    const expected = `a first mapping from offset 0 that covers ${hex(at + needed)}`;
    throw new LinkError('layout', `program headers: expected ${expected}, found ${hex(first?.fileBytes ?? 0)}`);
  }
  out.fill(0, at, end);
  const self = { offset: at, address: first.address + at, fileBytes: needed, memoryBytes: needed };
  const ordered = segments
    .map((s) => (s.type === PT.PHDR ? { ...s, ...self } : s))
    .toSorted((a, b) => rank(a) - rank(b) || a.address - b.address);
  for (const [i, segment] of ordered.entries()) writeSegment(view, at + i * PHDR_BYTES, segment);
  view.setBigUint64(EHDR.e_phoff, BigInt(at), true);
  view.setUint16(EHDR.e_phnum, ordered.length, true);
  view.setBigUint64(EHDR.e_shoff, 0n, true); /* there are no sections */
  view.setUint16(EHDR.e_shnum, 0, true);
  view.setUint16(EHDR.e_shstrndx, 0, true);
}

/** PT_PHDR first and PT_LOAD in ascending order, as the gABI asks. */
function rank(segment: Segment): number {
  if (segment.type === PT.PHDR) return 0;
  return segment.type === PT.LOAD ? 1 : 2;
}

function writeSegment(view: DataView, at: number, segment: Segment): void {
  const set = (field: number, value: number): void => view.setBigUint64(at + field, BigInt(value), true);
  view.setUint32(at + PHDR.p_type, segment.type, true);
  view.setUint32(at + PHDR.p_flags, segment.flags, true);
  set(PHDR.p_offset, segment.offset);
  set(PHDR.p_vaddr, segment.address);
  set(PHDR.p_paddr, segment.address);
  set(PHDR.p_filesz, segment.fileBytes);
  set(PHDR.p_memsz, segment.memoryBytes);
  set(PHDR.p_align, segment.align);
}
