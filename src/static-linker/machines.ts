/** Everything in which the supported processors differ, in one table. Sources: the psABI of each. */
import { EM } from '#formats/elf-layout.ts';
import { LinkError } from './link-error.ts';

/** The value that a relocation writes: S is the symbol, A the addend. */
export type RelocationKind =
  | 'absolute' /* S + A */
  | 'global' /* S */
  | 'copy' /* the bytes of the runtime's object */
  | 'relative' /* A */
  | 'thread-offset'; /* S + A, from the thread pointer */

export interface Machine {
  readonly name: 'x86_64' | 'aarch64';
  /** e_machine */
  readonly id: number;
  /** The name in `bun build --target=bun-linux-…-musl`. */
  readonly bunArch: 'x64' | 'arm64';
  readonly pageBytes: number;
  readonly relocations: Readonly<Record<number, RelocationKind>>;
  /**
   * The place of the program's TLS block. `below`: it ends at the thread pointer, so the runtime's comes before it
   * (variant II). `above`: it begins behind the thread control block, so the runtime's comes after it (variant I).
   */
  readonly tls: { readonly program: 'below' } | { readonly program: 'above'; readonly controlBlockBytes: number };
  /** GNU triplet of Debian's cross toolchain and of its musl directory. */
  readonly gnuTriplet: string;
  readonly muslTriplet: string;
  /** Debian's name of the architecture. */
  readonly debianArch: string;
}

export const machines: readonly Machine[] = [
  {
    name: 'x86_64',
    id: EM.X86_64,
    bunArch: 'x64',
    pageBytes: 4096,
    relocations: { 1: 'absolute', 5: 'copy', 6: 'global', 7: 'global', 8: 'relative', 18: 'thread-offset' },
    tls: { program: 'below' },
    gnuTriplet: 'x86_64-linux-gnu',
    muslTriplet: 'x86_64-linux-musl',
    debianArch: 'amd64',
  },
  {
    name: 'aarch64',
    id: EM.AARCH64,
    bunArch: 'arm64',
    pageBytes: 65536,
    relocations: {
      257: 'absolute',
      1024: 'copy',
      1025: 'global',
      1026: 'global',
      1027: 'relative',
      1030: 'thread-offset',
    },
    tls: { program: 'above', controlBlockBytes: 16 },
    gnuTriplet: 'aarch64-linux-gnu',
    muslTriplet: 'aarch64-linux-musl',
    debianArch: 'arm64',
  },
];

/** The machine of an ELF file. Throws LinkError `wrong-machine` for any other e_machine. */
export function machineOf(id: number, label: string): Machine {
  const found = machines.find((machine) => machine.id === id);
  if (found) return found;
  const known = machines.map((machine) => `${machine.name} (${machine.id})`).join(' or ');
  throw new LinkError('wrong-machine', `${label}: expected e_machine ${known}, found ${id}`);
}
