import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Action } from '#domain/action.ts';
import { excludeEachOther } from '#domain/version-constraint.ts';
import { readStart } from '#formats/read-file.ts';

/** The version of a language that the files of a pack ask version managers for. */
export interface VersionFile {
  /** The name of the file, which lies at the top of the pack. */
  readonly file: string;
  /** The word that names it, as a version manager calls what it has installed: `3.12`, `nightly`, `jruby-9.4.8.0`. */
  readonly name: string;
  /** The version: one to three numbers; undefined where the name has none. */
  readonly version: string | undefined;
}

/** Files that hold one version, by family. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  python: ['.python-version'],
  ruby: ['.ruby-version'],
  node: ['.node-version', '.nvmrc'],
  java: ['.java-version'],
  go: ['.go-version'],
  perl: ['.perl-version'],
  php: ['.php-version'],
  lua: ['.lua-version'],
  rust: ['rust-toolchain', 'rust-toolchain.toml'],
};

/** The name of a family in files of several tools, where it may differ. */
const TOOLS: Readonly<Record<string, string>> = { node: 'nodejs', go: 'golang' };
/** A text, the first of a list, or the version of an inline table. */
const IN_TOML = String.raw`\s*=\s*(?:\[\s*|\{[^}]*?\bversion\s*=\s*)?["']`;
/** Files of several tools, one a line, and what stands between name and version. */
const TOOL_FILES: Readonly<Record<string, string>> = {
  '.tool-versions': String.raw`[ \t]+`,
  '.prototools': IN_TOML,
  'mise.toml': IN_TOML,
  '.mise.toml': IN_TOML,
  'mise/config.toml': IN_TOML,
  '.config/mise.toml': IN_TOML,
  '.config/mise/config.toml': IN_TOML,
  '.sdkmanrc': String.raw`\s*=\s*`,
};

const VOLTA = 'package.json';

/** More of a file is not read. */
const MOST_BYTES = 65_536;
const MOST_LINES = 1000;
const MOST_CHARACTERS = 256;

/** Reads what a pack's own files say of the version of a family, first of all by a number; undefined if they say nothing. */
export function readVersionFile(directory: string, family: string): VersionFile | undefined {
  const own = (FILES[family] ?? []).map((file) => toldBy(file, lineThatCounts(readLines(join(directory, file)))));
  const shared = Object.entries(TOOL_FILES).map(([file, between]) => {
    const tool = new RegExp(`^["']?(?:${TOOLS[family] ?? family}|${family})["']?${between}([^"'\\s]+)`);
    const [said = ''] = readLines(join(directory, file)).flatMap((line) => tool.exec(line)?.[1] ?? []);
    return toldBy(file, said);
  });
  const told = [...own, ...shared].filter((one) => one.name !== '');
  return (
    told.find((one) => one.version !== undefined) ?? (family === 'node' ? readVolta(directory) : undefined) ?? told[0]
  );
}

function toldBy(file: string, text: string): VersionFile {
  const [name = ''] = text.split(/\s/, 1);
  return { file, name, version: numbersIn(name) };
}

/** The sentence for an action that wants a version of its interpreter which the version file of its pack rules out; else undefined. */
export function flawOfVersionFile(directory: string, { runtime, runtimeVersion }: Action): string | undefined {
  const told = runtimeVersion === undefined ? undefined : readVersionFile(directory, runtime.name);
  if (told?.version === undefined || runtimeVersion === undefined) return undefined;
  return excludeEachOther(exactly(told.version), runtimeVersion)
    ? `${told.file} of the pack says ${told.version}, and this wants ${runtimeVersion}, which would decide: change one of them`
    : undefined;
}

/** What a version of a version file means as a constraint: three numbers mean that version, fewer any that begins with them. */
export function exactly(version: string): string {
  return version.split('.').length === 3 ? `=${version}` : version;
}

/** The files of a pack that are there and may say something of the version of a family. */
export function versionFilesIn(directory: string, family: string): readonly string[] {
  const names = [...(FILES[family] ?? []), ...Object.keys(TOOL_FILES), ...(family === 'node' ? [VOLTA] : [])];
  return names.map((name) => join(directory, name)).filter((file) => existsSync(file));
}

/** `{"volta": {"node": "20.11.1"}}` */
function readVolta(directory: string): VersionFile | undefined {
  const text = readText(join(directory, VOLTA));
  const version = /"volta"\s*:\s*\{[^{}]*"node"\s*:\s*"(\d+(?:\.\d+){0,2})"/.exec(text)?.[1];
  return version === undefined ? undefined : { file: VOLTA, name: version, version };
}

/** The line that names the version: in a TOML file that of the channel, in other files the first one that is no comment. */
function lineThatCounts(lines: readonly string[]): string {
  const [channel] = lines.flatMap((line) => /^channel\s*=\s*"([^"]*)"/.exec(line)?.[1] ?? []);
  return channel ?? lines.find((line) => line !== '' && !line.startsWith('#')) ?? '';
}

/** `ruby-3.2.2`, `v18`, `temurin-17.0.11+9` and `go1.22` have one. */
function numbersIn(text: string): string | undefined {
  return /^\s*(?:[a-z][\w]*-)*(?:v|go)?(\d+(?:\.\d+){0,2})(?![\w])/i.exec(text)?.[1];
}

/** The lines, without blanks around them. None of them is long: a pattern may look at each place of a line more than once. */
function readLines(file: string): readonly string[] {
  const lines = readText(file).split('\n', MOST_LINES);
  return lines.map((line) => line.slice(0, MOST_CHARACTERS).trim());
}

function readText(file: string): string {
  try {
    return readStart(file, MOST_BYTES).toString('utf8');
  } catch {
    return '';
  }
}
