import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readStart } from '#formats/read-file.ts';

/** The version of a language that the files of a pack ask version managers for. */
export interface VersionFile {
  /** The name of the file, which lies at the top of the pack. */
  readonly file: string;
  /** The version: one to three numbers. */
  readonly version: string;
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
/** Files of several tools, one a line, and what stands between name and version. */
const TOOL_FILES: Readonly<Record<string, string>> = {
  '.tool-versions': String.raw`[ \t]+`,
  '.prototools': String.raw`\s*=\s*"`,
  'mise.toml': String.raw`\s*=\s*"`,
  '.mise.toml': String.raw`\s*=\s*"`,
  '.sdkmanrc': String.raw`\s*=\s*`,
};

const VOLTA = 'package.json';

/** More of a file is not read. */
const MOST_BYTES = 65_536;
const MOST_LINES = 1000;
const MOST_CHARACTERS = 256;

/**
 * Reads what a pack's own files say of the version of a family; undefined if they say nothing, or no number (`system`,
 * `lts/*`).
 */
export function readVersionFile(directory: string, family: string): VersionFile | undefined {
  for (const file of FILES[family] ?? []) {
    const version = numbersIn(lineThatCounts(readLines(join(directory, file))));
    if (version !== undefined) return { file, version };
  }
  for (const [file, between] of Object.entries(TOOL_FILES)) {
    const tool = new RegExp(`^(?:${TOOLS[family] ?? family}|${family})${between}([^"\\s]+)`);
    const [said] = readLines(join(directory, file)).flatMap((line) => tool.exec(line)?.[1] ?? []);
    const version = numbersIn(said ?? '');
    if (version !== undefined) return { file, version };
  }
  return family === 'node' ? readVolta(join(directory, VOLTA)) : undefined;
}

/** The files of a pack that are there and may say something of the version of a family. */
export function versionFilesIn(directory: string, family: string): readonly string[] {
  const names = [...(FILES[family] ?? []), ...Object.keys(TOOL_FILES), ...(family === 'node' ? [VOLTA] : [])];
  return names.map((name) => join(directory, name)).filter((file) => existsSync(file));
}

/** `{"volta": {"node": "20.11.1"}}` */
function readVolta(file: string): VersionFile | undefined {
  const version = /"volta"\s*:\s*\{[^{}]*"node"\s*:\s*"(\d+(?:\.\d+){0,2})"/.exec(readText(file))?.[1];
  return version === undefined ? undefined : { file: VOLTA, version };
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
