import { families, findFamily } from './families.ts';
import type { RuntimeFamily } from './runtime.ts';

/** What the file name of a program says: `python3.12` is a Python 3.12, `pypy3` is PyPy. */
export interface NamedProgram {
  readonly family: RuntimeFamily;
  /** The program that the name demands where it is not the usual one of the family: another implementation or shell. */
  readonly other?: string;
  /** The version in the name, as it is written there: `3`, `3.12`, `18`, `82`. */
  readonly version?: string;
}

/** Programs that first lines name, and that are languages or implementations of their own within a family. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  shell: ['dash', 'ash', 'zsh', 'ksh', 'mksh', 'yash', 'fish'],
  python: ['pypy', 'graalpy', 'graalpython', 'jython', 'ironpython', 'ipython', 'micropython'],
  ruby: ['jruby', 'truffleruby', 'rubinius', 'rbx', 'mruby'],
  node: ['iojs'],
  lua: ['luajit'],
  php: ['php-cgi', 'hhvm'],
  awk: ['gawk', 'mawk', 'nawk', 'original-awk'],
};

/** Reads the file name of a program; undefined if it belongs to no family that is known. */
export function readProgramName(name: string): NamedProgram | undefined {
  const [, stem = '', rest] = /^(\D+?)-?(\d.*)?$/.exec(name) ?? [];
  const kin = Object.entries(OTHERS).find(([, others]) => others.includes(stem))?.[0];
  const family =
    kin === undefined
      ? families.find((one) => [name, stem].some((known) => one.binaries.includes(known)))
      : findFamily(kin);
  if (family === undefined) return undefined;
  const other = kin === undefined ? {} : { other: stem };
  if (rest === undefined) return { family, ...other };
  /* `python3.13t` and `python3-dbg` are more than a version. */
  return /^\d+(\.\d+)*$/.test(rest) ? { family, ...other, version: rest } : { family, other: name };
}

/** The family of a program by its file name: `python3.12`, `zsh`. */
export function familyOfProgram(name: string): RuntimeFamily | undefined {
  return readProgramName(name)?.family;
}

/** Tells whether a version is the one that a name ends with: `82` may be 82 and 8.2, and Java 1.8 is Java 8. */
export function isVersionNamed({ family, version: wanted = '' }: NamedProgram, version = ''): boolean {
  const [own, named] = [version, wanted].map((one) => (family.name === 'java' ? one.replace(/^1\.(?=\d)/, '') : one));
  return [named, named?.replace(/^(\d)(\d+)$/, '$1.$2')].some((form) => `${own}.`.startsWith(`${form}.`));
}
