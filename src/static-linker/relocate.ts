import { type Elf, offsetOf } from './elf.ts';
import { LinkError } from './link-error.ts';
import type { Program, Relocation } from './program.ts';
import type { RuntimeImage } from './runtime-image.ts';
import type { TlsLayout } from './tls-layout.ts';

export interface Link {
  readonly program: Program;
  readonly runtime: RuntimeImage;
  readonly tls: TlsLayout;
}

/** Resolves every relocation of the program, writing into `code`, a copy of its mapped bytes. */
export function relocate(link: Link, code: Uint8Array<ArrayBuffer>): void {
  const elf: Elf = { ...link.program.elf, bytes: code, view: new DataView(code.buffer) };
  for (const relocation of link.program.relocations) {
    const at = offsetOf(elf, relocation.target, `relocation of ${relocation.symbol.name || 'an address'}`);
    const write = (value: number): void => elf.view.setBigInt64(at, BigInt(value), true);
    switch (relocation.kind) {
      case 'absolute':
        write(addressOf(link, relocation) + relocation.addend);
        break;
      case 'global':
        write(addressOf(link, relocation));
        break;
      case 'relative':
        write(relocation.addend);
        break;
      case 'thread-offset':
        write(threadOffsetOf(link, relocation));
        break;
      case 'copy':
        code.set(constantFor(link, relocation), at);
        break;
    }
  }
}

function addressOf({ program, runtime }: Link, { symbol, target }: Relocation): number {
  /* A value on an undefined function is the program's PLT entry, its address for whoever compares function pointers. */
  const isComparable = symbol.value !== 0 && !program.jumpSlots.has(target);
  if (symbol.isDefined || isComparable) return symbol.value;
  const found = runtime.symbols.get(symbol.name);
  if (found) return found.value;
  if (symbol.isWeak || symbol.name === '') return 0;
  throw new LinkError('unresolved-symbol', `${symbol.name}: expected in the runtime image, found nowhere`);
}

/** Variables are shared instead (runtime-image.ts): the runtime's symbol then is this very address. */
function constantFor({ program, runtime }: Link, { symbol, target }: Relocation): Uint8Array {
  const source = runtime.symbols.get(symbol.name);
  if (!source)
    throw new LinkError('unresolved-symbol', `${symbol.name}: expected data in the runtime image, found none`);
  if (source.value === target) return new Uint8Array();
  if (source.bytes !== symbol.bytes) {
    const found = `found ${source.bytes} in the runtime image`;
    throw new LinkError(
      'layout',
      `${symbol.name}: expected ${symbol.bytes} bytes as in ${program.elf.label}, ${found}`,
    );
  }
  const from = offsetOf(runtime.elf, source.value, symbol.name);
  return runtime.elf.bytes.subarray(from, from + source.bytes);
}

function threadOffsetOf({ runtime, tls }: Link, { symbol, addend }: Relocation): number {
  if (symbol.isDefined) return symbol.value + addend + tls.programBias;
  const found = runtime.symbols.get(symbol.name);
  if (found) return found.value + addend + tls.runtimeBias;
  throw new LinkError('unresolved-symbol', `${symbol.name}: expected a thread-local of the runtime image, found none`);
}
