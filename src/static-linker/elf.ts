/** Reading of 64-bit little-endian ELF images. */
import {
  ADDRESS_BYTES,
  CLASS_64,
  EHDR,
  EHDR_BYTES,
  ELF_MAGIC,
  IDENT,
  LITTLE_ENDIAN,
  PHDR,
  PHDR_BYTES,
  PT,
  SHDR,
  SHDR_BYTES,
  SYM,
  SYM_BYTES,
} from '#formats/elf-layout.ts';
import { LinkError } from './link-error.ts';

export const PF = { X: 1, W: 2, R: 4 } as const;
const SHT_SYMTAB = 2;
/** The upper half of st_info. */
const BIND = { LOCAL: 0, WEAK: 2 } as const;
const SHN_UNDEF = 0;

/** One program header. Offsets, addresses and sizes in bytes. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly align: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly isDefined: boolean;
  readonly isWeak: boolean;
  readonly isLocal: boolean;
  /** Address, or the offset in the TLS block for thread-local symbols. */
  readonly value: number;
  readonly bytes: number;
}

export interface Elf {
  /** The name of the file in messages. */
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly machine: number;
  readonly type: number;
  readonly entry: number;
  readonly segments: readonly Segment[];
}

/** Reads header and program headers. Throws LinkError `not-elf` for anything but a 64-bit little-endian ELF file. */
export function readElf(bytes: Uint8Array, label: string): Elf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isElf =
    bytes.length >= EHDR_BYTES &&
    view.getUint32(IDENT.magic) === ELF_MAGIC &&
    bytes[IDENT.class] === CLASS_64 &&
    bytes[IDENT.data] === LITTLE_ENDIAN;
  if (!isElf)
    throw new LinkError('not-elf', `${label}: expected a 64-bit little-endian ELF file, found ${describeStart(bytes)}`);
  const elf = {
    label,
    bytes,
    view,
    type: view.getUint16(EHDR.e_type, true),
    machine: view.getUint16(EHDR.e_machine, true),
  };
  const at = readAddress(elf, EHDR.e_phoff);
  const count = view.getUint16(EHDR.e_phnum, true);
  const segments = Array.from({ length: count }, (_, i) => readSegment(elf, at + i * PHDR_BYTES));
  return { ...elf, entry: readAddress(elf, EHDR.e_entry), segments };
}

/** Reads an unsigned 64-bit field as a number; addresses beyond 2^53 are refused. */
export function readAddress(elf: Pick<Elf, 'bytes' | 'view' | 'label'>, offset: number): number {
  if (offset < 0 || offset + ADDRESS_BYTES > elf.bytes.length)
    throw new LinkError(
      'truncated',
      `${elf.label}: field at ${hex(offset)} lies outside the file of ${elf.bytes.length} bytes`,
    );
  const value = elf.view.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new LinkError('bad-address', `${elf.label}: address ${hex(value)} at ${hex(offset)} is out of range`);
  return Number(value);
}

/** The file offset of a mapped address. Throws LinkError `unmapped` when no segment holds its bytes in the file. */
export function offsetOf(elf: Elf, address: number, what: string): number {
  const home = elf.segments.find(
    (s) => s.type === PT.LOAD && address >= s.address && address < s.address + s.fileBytes,
  );
  if (home) return home.offset + address - home.address;
  throw new LinkError('unmapped', `${elf.label}: ${what} at ${hex(address)} is in no segment of the file`);
}

/** Where a section is in memory. */
export interface Section {
  readonly address: number;
  readonly bytes: number;
}

/** Finds a section by its name; undefined where there is none. */
export function findSection(elf: Elf, name: string): Section | undefined {
  const headers = sectionHeaders(elf);
  const names = headers[elf.view.getUint16(EHDR.e_shstrndx, true)];
  if (names === undefined) return undefined;
  const strings = readAddress(elf, names + SHDR.sh_offset);
  const found = headers.find((at) => readString(elf, strings + elf.view.getUint32(at + SHDR.sh_name, true)) === name);
  if (found === undefined) return undefined;
  return { address: readAddress(elf, found + SHDR.sh_addr), bytes: readAddress(elf, found + SHDR.sh_size) };
}

/** The file offsets of the headers of sections. */
function sectionHeaders(elf: Elf): readonly number[] {
  const sections = readAddress(elf, EHDR.e_shoff);
  const count = elf.view.getUint16(EHDR.e_shnum, true);
  if (sections + count * SHDR_BYTES > elf.bytes.length)
    throw new LinkError('truncated', `${elf.label}: its sections at ${hex(sections)} lie outside of the file`);
  return Array.from({ length: count }, (_, i) => sections + i * SHDR_BYTES);
}

/** The symbols of `.symtab`, for images that still have section headers. */
export function readSymbolTable(elf: Elf): readonly ElfSymbol[] {
  const headers = sectionHeaders(elf);
  const found = headers.find((at) => elf.view.getUint32(at + SHDR.sh_type, true) === SHT_SYMTAB);
  if (found === undefined)
    throw new LinkError('no-symbols', `${elf.label}: expected a symbol table (.symtab), found none`);
  const strings = readAddress(elf, (headers[elf.view.getUint32(found + SHDR.sh_link, true)] ?? 0) + SHDR.sh_offset);
  return readSymbols(elf, {
    at: readAddress(elf, found + SHDR.sh_offset),
    count: readAddress(elf, found + SHDR.sh_size) / SYM_BYTES,
    strings,
  });
}

/** The file offsets of a symbol table and of the names it uses. */
export interface SymbolTable {
  readonly at: number;
  readonly count: number;
  readonly strings: number;
}

export function readSymbols(elf: Elf, { at, count, strings }: SymbolTable): readonly ElfSymbol[] {
  return Array.from({ length: count }, (_, i) => {
    const symbol = at + i * SYM_BYTES;
    const binding = elf.view.getUint8(symbol + SYM.st_info) >> 4;
    return {
      name: readString(elf, strings + elf.view.getUint32(symbol + SYM.st_name, true)),
      isDefined: elf.view.getUint16(symbol + SYM.st_shndx, true) !== SHN_UNDEF,
      isWeak: binding === BIND.WEAK,
      isLocal: binding === BIND.LOCAL,
      value: readAddress(elf, symbol + SYM.st_value),
      bytes: readAddress(elf, symbol + SYM.st_size),
    };
  });
}

/** The end of an image in memory: one past its highest mapped byte. */
export function endOfMemory(elf: Elf): number {
  return Math.max(...elf.segments.filter((s) => s.type === PT.LOAD).map((s) => s.address + s.memoryBytes));
}

export function alignUp(value: number, align: number): number {
  return Math.ceil(value / Math.max(align, 1)) * Math.max(align, 1);
}

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function readSegment(elf: Pick<Elf, 'bytes' | 'view' | 'label'>, at: number): Segment {
  return {
    offset: readAddress(elf, at + PHDR.p_offset),
    address: readAddress(elf, at + PHDR.p_vaddr),
    fileBytes: readAddress(elf, at + PHDR.p_filesz),
    memoryBytes: readAddress(elf, at + PHDR.p_memsz),
    align: readAddress(elf, at + PHDR.p_align),
    type: elf.view.getUint32(at + PHDR.p_type, true),
    flags: elf.view.getUint32(at + PHDR.p_flags, true),
  };
}

function readString(elf: Elf, at: number): string {
  const end = elf.bytes.indexOf(0, at);
  if (end < 0) throw new LinkError('truncated', `${elf.label}: string at ${hex(at)} has no end`);
  return Buffer.from(elf.bytes.buffer, elf.bytes.byteOffset + at, end - at).toString('latin1');
}

function describeStart(bytes: Uint8Array): string {
  return bytes.length === 0
    ? 'an empty file'
    : `${bytes.length} bytes that start with ${Buffer.from(bytes.subarray(0, 8)).toString('hex')}`;
}
