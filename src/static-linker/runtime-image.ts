/** Links the runtime image: the parts of musl and libstdc++ that a program needs, at an address clear of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADDRESS_BYTES, PT } from '#formats/elf-layout.ts';
import { alignUp, type Elf, type ElfSymbol, hex, offsetOf, PF, readAddress, readElf, readSymbolTable } from './elf.ts';
import { LinkError } from './link-error.ts';
import type { Program } from './program.ts';
import type { Toolchain } from './toolchain.ts';

/**
 * The symbol that keeps the program's TLS block free in the runtime's layout, at the end where the machine wants it.
 */
export const TLS_PAD = 'attune_tls_pad';
/** The symbol at which the linker writes the program's constructors (init.c). */
export const PROGRAM_PROCEDURES = 'attune_program';

/** The symbol that closes the process to others (init.c), before every other constructor of the runtime. */
const CLOSE_AT_ONCE = 'attune_close_at_once';
/** The symbol that starts the program (init.c), after every constructor of the runtime. */
const RUN_PROGRAM = 'attune_run_program';

/** A string in musl's archive, e.g. `1.2.5`. */
const MUSL_VERSION = '__libc_version';

const BASE_ALIGN = 0x1000_0000;
/** Both images use 32-bit absolute addresses. */
const ADDRESS_LIMIT = 0x7000_0000;

/** Beside this file; compiled into every runtime image. */
const sources = [
  'init.c',
  'supervisor.c',
  'launch.c',
  'restrict.c',
  'inherited.c',
  'fork-server.c',
  'keeper.c',
  'talk.c',
  'relay.c',
  'descendants.c',
  'seal.c',
  'native.c',
  'access.c',
  'compat.c',
] as const;

const noExecutableStack = '.section .note.GNU-stack,"",@progbits\n';

const compilerFlags = '-O2 -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables -ffunction-sections';
const linkerFlags =
  '-static --entry=0 --build-id=none --gc-sections --eh-frame-hdr -z noexecstack -z relro -z separate-code';

export interface RuntimeImage {
  readonly elf: Elf;
  readonly symbols: ReadonlyMap<string, ElfSymbol>;
  /** Version of the musl that was linked, or undefined when its archive does not tell. */
  readonly muslVersion: string | undefined;
}

/**
 * Links the image of the runtime for a program. Throws LinkError `tool-failed` with the tool's own words, e.g. the
 * symbol that no archive defines.
 */
export function linkRuntimeImage(program: Program, toolchain: Toolchain): RuntimeImage {
  const directory = mkdtempSync(join(tmpdir(), 'attune-link-'));
  try {
    const workshop = { program, toolchain, directory };
    const objects = compile(workshop);
    const apart = readImage(link(workshop, objects, new Map()));
    return readImage(link(workshop, objects, sharedWithProgram(program, apart)));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Workshop {
  readonly program: Program;
  readonly toolchain: Toolchain;
  readonly directory: string;
}

interface Objects {
  readonly ours: readonly string[];
  readonly tlsPad: string;
  /** Linked behind the archives: constructors run in the order of the link. */
  readonly lastConstructor: string;
}

function compile({ program, toolchain, directory }: Workshop): Objects {
  const compileOne = (name: string, text: string): string => {
    const source = join(directory, name);
    writeFileSync(source, text);
    const flags = [
      ...compilerFlags.split(' '),
      `-ffile-prefix-map=${directory}=.`,
      `-iquote${import.meta.dir}`,
      ...toolchain.compilerFlags,
    ];
    run([toolchain.compiler, ...flags, '-c', source, '-o', `${source}.o`]);
    return `${source}.o`;
  };
  const ours = sources.map((name) => compileOne(name, readFileSync(new URL(name, import.meta.url), 'utf8')));
  const last = `.section .init_array,"aw"\n.balign 8\n.quad ${RUN_PROGRAM}\n${noExecutableStack}`;
  return {
    ours,
    tlsPad: compileOne('tls-pad.S', tlsPadSource(program)),
    lastConstructor: compileOne('last-constructor.S', last),
  };
}

/** Keeps the program's block free. Before the thread pointer it comes last, behind it first: so `.tbss` or `.tdata`. */
function tlsPadSource({ tls, machine }: Program): string {
  const align = tls?.align ?? 1;
  const bytes = tls ? alignUp(tls.memoryBytes, align) : 0;
  const section = machine.tls.program === 'below' ? '.tbss.attune,"awT",@nobits' : '.tdata,"awT",@progbits';
  const symbol = `.globl ${TLS_PAD}\n.size ${TLS_PAD}, ${bytes}\n${TLS_PAD}:`;
  return `.section ${section}\n.balign ${align}\n${symbol}\n.zero ${bytes}\n${noExecutableStack}`;
}

/** Links at an address clear of the program. `shared`: names that mean the program's variables, with their addresses. */
function link(workshop: Workshop, objects: Objects, shared: ReadonlyMap<string, number>): Uint8Array {
  const { program, toolchain, directory } = workshop;
  const { ours, tlsPad, lastConstructor } = objects;
  const out = join(directory, 'runtime.elf');
  const base = alignUp(program.endAddress + BASE_ALIGN / 16, BASE_ALIGN);
  const wanted = [...neededSymbols(program)].filter((name) => !shared.has(name));
  const isPadLast = program.machine.tls.program === 'below';
  run([
    toolchain.linker,
    ...linkerFlags.split(' '),
    ...['-z', `max-page-size=${program.machine.pageBytes}`, `-Ttext-segment=${hex(base)}`, '-o', out],
    ...[TLS_PAD, PROGRAM_PROCEDURES, MUSL_VERSION, ...wanted].flatMap((name) => ['-u', name]),
    ...[...shared].map(([name, address]) => `--defsym=${name}=${hex(address)}`),
    ...(isPadLast ? [] : [tlsPad]),
    ...[toolchain.crti, ...ours, '--start-group', ...toolchain.archives, '--end-group'],
    ...(isPadLast ? [tlsPad] : []),
    lastConstructor,
    toolchain.crtn,
  ]);
  return new Uint8Array(readFileSync(out));
}

/** Names that the program cannot run without: undefined and strong, or copied from the library at start. */
function neededSymbols(program: Program): ReadonlySet<string> {
  const undefinedSymbols = program.symbols.filter((s) => !s.isDefined && !s.isWeak && s.name !== '').map((s) => s.name);
  const copied = program.relocations.filter((r) => r.kind === 'copy').map((r) => r.symbol.name);
  return new Set([...undefinedSymbols, ...copied]);
}

/**
 * Variables of the library that live in the program (COPY relocations): the library must use the program's. Constants are
 * not among them, their bytes are copied (merge.ts); what is writable when linked apart is a variable. Every name of
 * the same address (`environ`, `__environ`) moves with it.
 */
function sharedWithProgram(program: Program, apart: RuntimeImage): ReadonlyMap<string, number> {
  const shared = new Map<string, number>();
  for (const relocation of program.relocations.filter((r) => r.kind === 'copy')) {
    const symbol = apart.symbols.get(relocation.symbol.name);
    if (!(symbol && isVariable(apart.elf, symbol.value))) continue;
    if (!startsAsZero(apart.elf, symbol)) {
      const expected = `${symbol.name}: expected a variable shared with the program to start as zero`;
      throw new LinkError('layout', `${expected}, found initial data`);
    }
    const aliases = [...apart.symbols.values()].filter((one) => one.value === symbol.value && !one.isLocal);
    for (const alias of aliases) shared.set(alias.name, relocation.target);
  }
  return shared;
}

function isVariable(elf: Elf, address: number): boolean {
  const holds = (type: number, flag: number): boolean =>
    elf.segments.some(
      (s) =>
        s.type === type && (s.flags & flag) === flag && address >= s.address && address < s.address + s.memoryBytes,
    );
  return holds(PT.LOAD, PF.W) && !holds(PT.GNU_RELRO, 0);
}

function startsAsZero(elf: Elf, symbol: ElfSymbol): boolean {
  const home = elf.segments.find(
    (s) => s.type === PT.LOAD && symbol.value >= s.address && symbol.value < s.address + s.fileBytes,
  );
  if (!home) return true;
  const at = home.offset + symbol.value - home.address;
  return elf.bytes.subarray(at, at + symbol.bytes).every((byte) => byte === 0);
}

function readImage(bytes: Uint8Array): RuntimeImage {
  const elf = readElf(bytes, 'runtime image');
  const symbols = new Map(
    readSymbolTable(elf)
      .filter((s) => s.isDefined && s.name !== '')
      .map((s) => [s.name, s]),
  );
  const end = Math.max(...elf.segments.map((s) => s.address + s.memoryBytes));
  if (end > ADDRESS_LIMIT)
    throw new LinkError('layout', `runtime image: expected to end below ${hex(ADDRESS_LIMIT)}, found ${hex(end)}`);
  if (
    symbols.has('__rela_iplt_start') &&
    symbols.get('__rela_iplt_start')?.value !== symbols.get('__rela_iplt_end')?.value
  )
    throw new LinkError('layout', 'runtime image: expected no IFUNC symbols, found some: musl does not resolve them');
  checkConstructors(elf, symbols);
  return { elf, symbols, muslVersion: readVersion(elf, symbols.get(MUSL_VERSION)) };
}

/** What is done before all else, and what runs the program when all is constructed. */
function checkConstructors(elf: Elf, symbols: RuntimeImage['symbols']): void {
  const start = symbols.get('__init_array_start')?.value ?? 0;
  const end = symbols.get('__init_array_end')?.value ?? 0;
  for (const [which, at, name] of [
    ['first', start, CLOSE_AT_ONCE],
    ['last', end - ADDRESS_BYTES, RUN_PROGRAM],
  ] as const) {
    const found = readAddress(elf, offsetOf(elf, at, `${which} constructor`));
    const expected = symbols.get(name)?.value ?? 0;
    if (found !== expected)
      throw new LinkError('layout', `constructors: expected ${name} at ${hex(expected)} ${which}, found ${hex(found)}`);
  }
}

function readVersion(elf: Elf, symbol: ElfSymbol | undefined): string | undefined {
  if (!symbol) return undefined;
  const at = offsetOf(elf, symbol.value, MUSL_VERSION);
  return Buffer.from(elf.bytes.subarray(at, elf.bytes.indexOf(0, at))).toString('latin1');
}

function run(command: readonly string[]): void {
  const { success, stderr } = Bun.spawnSync([...command], { env: { ...process.env, LC_ALL: 'C' } });
  if (!success) throw new LinkError('tool-failed', `${command[0]} failed:\n${stderr.toString().trim()}`);
}
