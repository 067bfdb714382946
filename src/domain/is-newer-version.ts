import { gt } from 'semver';

/** Tells whether `version` comes after `than`; both are versions of attune-agent, such as 1.2.0 or 1.3.0-rc.1. */
export function isNewerVersion(version: string, than: string): boolean {
  return gt(version, than);
}
