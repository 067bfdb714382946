import { arch } from 'node:process';
import manifest from '../../package.json' with { type: 'json' };

/** The commit, filled in by the build (static-linker/bundle.ts). A run from source has none. */
declare const ATTUNE_COMMIT: string | undefined;

export const VERSION = manifest.version;
const COMMIT = typeof ATTUNE_COMMIT === 'string' ? ATTUNE_COMMIT : 'source';

/** Whether this is the static file. False: Bun runs the source. */
export const IS_STATIC_FILE = typeof ATTUNE_COMMIT === 'string';

/** What `--version` prints. */
export function describeVersion(): string {
  return `attune-agent ${VERSION} (${COMMIT}, ${arch === 'arm64' ? 'aarch64' : 'x86_64'}, bun ${Bun.version})`;
}
