import { arch } from 'node:process';
import { COMMIT } from '#domain/static-file.ts';
import manifest from '#package.json' with { type: 'json' };

export const VERSION = manifest.version;
const PROCESSOR = arch === 'arm64' ? 'aarch64' : 'x86_64';

/** What this file is, for programs. */
export function versionFacts(): Readonly<Record<string, string>> {
  return { version: VERSION, commit: COMMIT ?? 'source', processor: PROCESSOR, bun: Bun.version };
}

/** The text that `--version` prints. */
export function describeVersion(): string {
  return `attune-agent ${VERSION} (${COMMIT ?? 'source'}, ${PROCESSOR}, bun ${Bun.version})`;
}
