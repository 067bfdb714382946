import { arch } from 'node:process';
import { COMMIT } from '#domain/static-file.ts';
import manifest from '#package.json' with { type: 'json' };

export const VERSION = manifest.version;

/** The text that `--version` prints. */
export function describeVersion(): string {
  return `attune-agent ${VERSION} (${COMMIT ?? 'source'}, ${arch === 'arm64' ? 'aarch64' : 'x86_64'}, bun ${Bun.version})`;
}
