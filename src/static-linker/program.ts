/** The input of the link: a dynamically linked program at fixed addresses, as `bun build --compile` makes it. */

import { ADDRESS_BYTES, DYN, DYN_BYTES, HASH, PT, RELA, RELA_BYTES, SYM_BYTES } from '#formats/elf-layout.ts';
import {
  type Elf,
  type ElfSymbol,
  endOfMemory,
  findSection,
  hex,
  offsetOf,
  readAddress,
  readElf,
  readSymbols,
  type Section,
  type Segment,
} from './elf.ts';
import { LinkError } from './link-error.ts';
import { type Machine, machineOf, type RelocationKind } from './machines.ts';

const ET_EXEC = 2;
const DT = {
  NULL: 0,
  PLTRELSZ: 2,
  HASH: 4,
  STRTAB: 5,
  SYMTAB: 6,
  RELA: 7,
  RELASZ: 8,
  INIT: 12,
  FINI: 13,
  JMPREL: 23,
  INIT_ARRAY: 25,
  FINI_ARRAY: 26,
  INIT_ARRAYSZ: 27,
  FINI_ARRAYSZ: 28,
} as const;
/** Tags that change how the program must be loaded, which this linker does not do. */
const refusedTags: Readonly<Record<number, string>> = {
  17: 'DT_REL',
  22: 'DT_TEXTREL',
  32: 'DT_PREINIT_ARRAY',
  36: 'DT_RELR',
};

export interface Relocation {
  readonly kind: RelocationKind;
  /** Address that is written. */
  readonly target: number;
  readonly symbol: ElfSymbol;
  readonly addend: number;
}

export interface Program {
  /** The part of the file that is mapped, long enough for every relocation. */
  readonly elf: Elf;
  readonly machine: Machine;
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly Relocation[];
  /** Addresses of the PLT's slots. */
  readonly jumpSlots: ReadonlySet<number>;
  readonly tls: Segment | undefined;
  /** Addresses and counts of the program's own constructors and destructors; 0 where it has none. */
  readonly procedures: {
    readonly init: number;
    readonly initArray: number;
    readonly initCount: number;
    readonly fini: number;
    readonly finiArray: number;
    readonly finiCount: number;
  };
  /** Bytes of the dynamic symbol table, dead after the link: the new program headers go there. */
  readonly deadSpace: { readonly offset: number; readonly bytes: number };
  readonly endAddress: number;
  /** The bundle, which Bun maps writable behind all data, and to which nobody writes; undefined: there is none. */
  readonly bundle: Section | undefined;
}

/** The section into which Bun puts the bundle. */
const BUNDLE = '.bun';

/** Reads and checks the input. Throws LinkError naming the first assumption that does not hold. */
export function readProgram(bytes: Uint8Array, label: string): Program {
  const elf = readElf(bytes, label);
  const machine = machineOf(elf.machine, label);
  if (elf.type !== ET_EXEC) refuse(elf, `an executable at fixed addresses (e_type ${ET_EXEC})`, `e_type ${elf.type}`);
  const tags = readDynamic(elf);
  const symbolTable = symbolTableOf(elf, tags);
  const symbols = readSymbols(elf, {
    at: symbolTable.offset,
    count: symbolTable.bytes / SYM_BYTES,
    strings: offsetOf(elf, need(elf, tags, 'STRTAB'), 'DT_STRTAB'),
  });
  const source = { elf, machine, symbols };
  const data = readRelocations(source, tags.get(DT.RELA), tags.get(DT.RELASZ));
  const calls = readRelocations(source, tags.get(DT.JMPREL), tags.get(DT.PLTRELSZ));
  const relocations = [...data, ...calls];
  return {
    elf: mappedPart(elf, relocations),
    machine,
    symbols,
    relocations,
    jumpSlots: new Set(calls.map((call) => call.target)),
    tls: elf.segments.find((s) => s.type === PT.TLS),
    procedures: {
      init: tags.get(DT.INIT) ?? 0,
      initArray: tags.get(DT.INIT_ARRAY) ?? 0,
      initCount: (tags.get(DT.INIT_ARRAYSZ) ?? 0) / ADDRESS_BYTES,
      fini: tags.get(DT.FINI) ?? 0,
      finiArray: tags.get(DT.FINI_ARRAY) ?? 0,
      finiCount: (tags.get(DT.FINI_ARRAYSZ) ?? 0) / ADDRESS_BYTES,
    },
    deadSpace: symbolTable,
    endAddress: endOfMemory(elf),
    bundle: findSection(elf, BUNDLE),
  };
}

/**
 * The mapped part of a program: without what is behind the last segment, and with as much of its zeros (.bss) written
 * out as relocations fill.
 */
function mappedPart(elf: Elf, relocations: readonly Relocation[]): Elf {
  const loads = elf.segments.filter((s) => s.type === PT.LOAD);
  const last = loads.toSorted((a, b) => a.offset - b.offset).at(-1);
  if (!last) return refuse(elf, 'a PT_LOAD segment', 'none');
  const length = last.offset + last.fileBytes;
  if (length > elf.bytes.length)
    throw new LinkError('truncated', `${elf.label}: expected ${length} bytes at least, found ${elf.bytes.length}`);
  const ends = relocations.map(({ kind, target, symbol }) => target + (kind === 'copy' ? symbol.bytes : ADDRESS_BYTES));
  const filled = Math.max(...ends.filter((end) => end <= last.address + last.memoryBytes)) - last.address;
  const whole = { ...last, fileBytes: Math.max(last.fileBytes, filled) };
  const bytes = new Uint8Array(whole.offset + whole.fileBytes);
  bytes.set(elf.bytes.subarray(0, length));
  const segments = elf.segments.map((s) => (s === last ? whole : s));
  return { ...elf, bytes, segments, view: new DataView(bytes.buffer) };
}

function refuse(elf: Elf, expected: string, found: string): never {
  throw new LinkError('unsupported-input', `${elf.label}: expected ${expected}, found ${found}`);
}

function readDynamic(elf: Elf): ReadonlyMap<number, number> {
  const dynamic = elf.segments.find((s) => s.type === PT.DYNAMIC);
  if (!dynamic) return refuse(elf, 'a dynamically linked program', 'no PT_DYNAMIC: is it linked already?');
  const tags = new Map<number, number>();
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.fileBytes; at += DYN_BYTES) {
    const tag = readAddress(elf, at + DYN.d_tag);
    if (tag === DT.NULL) break;
    const refused = refusedTags[tag];
    if (refused) refuse(elf, `no ${refused}`, `${refused} at ${hex(at)}`);
    if (!tags.has(tag)) tags.set(tag, readAddress(elf, at + DYN.d_val));
  }
  return tags;
}

function need(elf: Elf, tags: ReadonlyMap<number, number>, name: keyof typeof DT): number {
  return tags.get(DT[name]) ?? refuse(elf, `a DT_${name} entry`, 'none');
}

/** ELF does not record how long the symbol table is; linkers put another table right behind it. */
function symbolTableOf(elf: Elf, tags: ReadonlyMap<number, number>): { offset: number; bytes: number } {
  const address = need(elf, tags, 'SYMTAB');
  const offset = offsetOf(elf, address, 'DT_SYMTAB');
  const hash = tags.get(DT.HASH);
  if (hash !== undefined)
    return { offset, bytes: elf.view.getUint32(offsetOf(elf, hash, 'DT_HASH') + HASH.nchain, true) * SYM_BYTES };
  const next = Math.min(...[...tags.values()].filter((value) => value > address));
  if (!Number.isFinite(next)) return refuse(elf, 'a table behind DT_SYMTAB', 'none');
  return { offset, bytes: Math.floor((next - address) / SYM_BYTES) * SYM_BYTES };
}

function readRelocations(
  { elf, machine, symbols }: Pick<Program, 'elf' | 'machine' | 'symbols'>,
  address: number | undefined,
  bytes = 0,
): readonly Relocation[] {
  if (address === undefined || bytes === 0) return [];
  const table = offsetOf(elf, address, 'relocation table');
  return Array.from({ length: bytes / RELA_BYTES }, (_, i) => {
    const at = table + i * RELA_BYTES;
    const type = elf.view.getUint32(at + RELA.r_type, true);
    const kind = machine.relocations[type];
    const index = elf.view.getUint32(at + RELA.r_symbol, true);
    const symbol = symbols[index];
    if (!kind)
      return refuse(
        elf,
        `relocation types ${Object.keys(machine.relocations).join(', ')} of ${machine.name}`,
        `type ${type} at ${hex(at)}`,
      );
    if (!symbol) return refuse(elf, `a symbol index below ${symbols.length}`, `${index} at ${hex(at)}`);
    const addend = Number(elf.view.getBigInt64(at + RELA.r_addend, true));
    return { kind, target: readAddress(elf, at + RELA.r_offset), symbol, addend };
  });
}
