/** Finds the C compiler, the linker and the static archives that the runtime image is made of. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LinkError } from './link-error.ts';
import type { Machine } from './machines.ts';

export interface Toolchain {
  /** Compiles C against musl's headers. */
  readonly compiler: string;
  /** Flags that make `compiler` see musl's headers only. */
  readonly compilerFlags: readonly string[];
  readonly linker: string;
  /** libstdc++.a, libgcc_eh.a, libgcc.a, libc.a: in this order, searched as one group. */
  readonly archives: readonly string[];
  /** Start and end of `_init`. */
  readonly crti: string;
  readonly crtn: string;
  readonly versions: ToolchainVersions;
}

/** The versions of what is linked; undefined where an archive does not tell. */
export interface ToolchainVersions {
  readonly musl: string | undefined;
  /** The version of the compiler, which is that of libstdc++ and libgcc. */
  readonly gcc: string | undefined;
}

const howToInstall =
  'Debian, Ubuntu: apt-get install musl-tools g++ binutils; Alpine: apk add build-base; elsewhere: make docker-build-agent';

function howToInstallCross({ gnuTriplet, debianArch }: Machine): string {
  const packages = `gcc-${gnuTriplet} g++-${gnuTriplet} musl-dev:${debianArch}`;
  return `Debian: dpkg --add-architecture ${debianArch} && apt-get update && apt-get install ${packages}`;
}

/**
 * Finds the tools for a machine. Throws LinkError `missing-tool` naming everything that is absent and how to get it.
 */
export function findToolchain(machine: Machine): Toolchain {
  const isCross = machine.name !== hostMachineName();
  const how = isCross ? howToInstallCross(machine) : howToInstall;
  const prefix = isCross ? `${machine.gnuTriplet}-` : '';
  const compiler = `${prefix}gcc`;
  const linker = `${prefix}ld`;
  const missing = [compiler, linker].filter((tool) => Bun.which(tool) === null);
  if (missing.length > 0) throw new LinkError('missing-tool', `${missing.join(' and ')} not found (${how})`);
  const libraries = muslLibraries(compiler, machine);
  const files = {
    libstdcxx: archive(compiler, 'libstdc++.a'),
    libgccEh: archive(compiler, 'libgcc_eh.a'),
    libgcc: archive(compiler, 'libgcc.a'),
  };
  const absent = Object.entries({ ...files, libc: libraries }).filter(([, path]) => path === undefined);
  const { libstdcxx, libgccEh, libgcc } = files;
  if (!(libstdcxx && libgccEh && libgcc && libraries))
    throw new LinkError(
      'missing-tool',
      `static archives not found: ${absent.map(([name]) => name).join(', ')} (${how})`,
    );
  return {
    compiler,
    compilerFlags: isNativeMusl(compiler)
      ? []
      : ['-nostdinc', '-isystem', compilerHeaders(compiler), '-isystem', muslHeaders(machine)],
    linker,
    archives: [libstdcxx, libgccEh, libgcc, join(libraries, 'libc.a')],
    crti: join(libraries, 'crti.o'),
    crtn: join(libraries, 'crtn.o'),
    versions: { musl: muslVersionIn(join(libraries, 'libc.a')), gcc: ask([compiler, '-dumpfullversion']) },
  };
}

/** The name of this machine's processor, `process.arch`, in the words of the machine table. */
export function hostMachineName(): string {
  return process.arch === 'arm64' ? 'aarch64' : 'x86_64';
}

function isNativeMusl(compiler: string): boolean {
  return ask([compiler, '-dumpmachine']).includes('musl');
}

function archive(compiler: string, name: string): string | undefined {
  const path = ask([compiler, `-print-file-name=${name}`]);
  return path.includes('/') && existsSync(path) ? path : undefined;
}

function muslLibraries(compiler: string, machine: Machine): string | undefined {
  const places = isNativeMusl(compiler) ? ['/usr/lib', '/lib'] : [`/usr/lib/${machine.muslTriplet}`];
  return places.find((place) => existsSync(join(place, 'libc.a')) && existsSync(join(place, 'crti.o')));
}

/** The version that stands in the member version.o, or version.lo, of the archive. */
function muslVersionIn(libc: string): string | undefined {
  const text = readFileSync(libc).toString('latin1');
  const member = /version\.l?o\//.exec(text)?.index;
  return member === undefined ? undefined : /\0(\d+\.\d+\.\d+)\0/.exec(text.slice(member))?.[1];
}

function muslHeaders(machine: Machine): string {
  return `/usr/include/${machine.muslTriplet}`;
}

function compilerHeaders(compiler: string): string {
  return ask([compiler, '-print-file-name=include']);
}

function ask(command: readonly string[]): string {
  const { stdout, stderr, success } = Bun.spawnSync([...command]);
  if (!success) throw new LinkError('tool-failed', `${command.join(' ')}: ${stderr.toString().trim()}`);
  return stdout.toString().trim();
}
