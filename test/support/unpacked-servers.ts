/** The servers that `.ci/unpack-servers.sh` has unpacked for users who may install nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.ts';

const root = join(projectRoot, '.tools/servers');

/** A path of Debian where it was unpacked; nothing if no servers were unpacked. */
export function unpacked(path: string): readonly string[] {
  return existsSync(root) ? [join(root, path)] : [];
}

/** Runs the command that follows with the libraries and the Erlang that were unpacked; nothing if none were. */
export const withUnpacked: readonly string[] = unpacked('/usr').flatMap((usr) => [
  'env',
  `LD_LIBRARY_PATH=${join(usr, 'lib', `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`)}`,
  `ERL_ROOTDIR=${join(usr, 'lib/erlang')}`,
  `PATH=${join(usr, 'lib/erlang/bin')}:${join(usr, 'bin')}:${join(usr, 'sbin')}:/usr/bin:/bin:/usr/sbin:/sbin`,
]);
