import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** The name of a family in `.tool-versions`, which asdf and mise read, where it differs. */
const TOOLS: Readonly<Record<string, string>> = { node: 'nodejs', go: 'golang' };

/**
 * Reads what a pack's own files say of the version of a family; undefined if they say nothing, or no number (`system`,
 * `lts/*`).
 */
export function readVersionFile(directory: string, family: string): VersionFile | undefined {
  for (const file of FILES[family] ?? []) {
    const version = numbersIn(firstLine(readText(join(directory, file))));
    if (version !== undefined) return { file, version };
  }
  const tool = new RegExp(`^(?:${TOOLS[family] ?? family}|${family})[ \\t]+(\\S+)`, 'm');
  const version = numbersIn(tool.exec(readText(join(directory, '.tool-versions')))?.[1] ?? '');
  return version === undefined ? undefined : { file: '.tool-versions', version };
}

/** The line that counts: of a TOML file that of the channel, of others the first one that is no comment. */
function firstLine(text: string): string {
  const channel = /^\s*channel\s*=\s*"([^"]*)"/m.exec(text)?.[1];
  return channel ?? text.split('\n').find((line) => line.trim() !== '' && !line.trim().startsWith('#')) ?? '';
}

/** `ruby-3.2.2`, `v18`, `temurin-17.0.11+9` and `go1.22` have one. */
function numbersIn(text: string): string | undefined {
  return /^\s*(?:[a-z][\w]*-)*(?:v|go)?(\d+(?:\.\d+){0,2})(?![\w])/i.exec(text)?.[1];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, 65_536);
  } catch {
    return '';
  }
}
