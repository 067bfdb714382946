import { arch } from 'node:process';
import manifest from '../../package.json' with { type: 'json' };

/** Replaced by the build (link/bundle.ts); a run from source has no commit. */
declare const ATTUNE_COMMIT: string | undefined;

export const VERSION = manifest.version;
const COMMIT = typeof ATTUNE_COMMIT === 'string' ? ATTUNE_COMMIT : 'source';

/** False: run from source by Bun. */
export const IS_STATIC_FILE = typeof ATTUNE_COMMIT === 'string';

/** What `--version` prints. */
export function describeVersion(): string {
  return `attune-agent ${VERSION} (${COMMIT}, ${arch === 'arm64' ? 'aarch64' : 'x86_64'}, bun ${Bun.version})`;
}
