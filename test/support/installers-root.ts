/** Commands in the root that has twelve families and their installers. Packs are at /mnt, read-only; nothing else of this machine is there. */
import { dirname } from 'node:path';
import { agentFile } from './agent.ts';
import { withMounts } from './namespace.ts';
import { type RootName, rootFileSystem } from './root-file-systems.ts';

interface RootOptions {
  readonly packs: string;
  /** A directory that becomes /tmp; default: a new one in memory. */
  readonly temporary?: string;
  readonly root?: RootName;
  /** What lies at /opt/attune; default: the directory of the agent. */
  readonly directory?: string;
  /** Default: none. */
  readonly hasNetwork?: true;
  /** Numbers of user and group; default: root. */
  readonly user?: string;
}

/** The agent of the tests, with those arguments. It keeps the pid that the command gets. */
export function agentInRoot(
  args: readonly string[],
  { packs, temporary, root = 'installers', directory = dirname(agentFile), hasNetwork, user = '0:0' }: RootOptions,
): readonly string[] {
  const place = rootFileSystem(root);
  const tmp = temporary === undefined ? 'mount -t tmpfs -o mode=1777 none' : `mount --bind ${temporary}`;
  const mounts = [
    `chmod 755 ${packs}; ${temporary === undefined ? '' : `chmod 1777 ${temporary}`}`,
    `mount --bind ${place} ${place}; mount --bind ${directory} ${place}/opt/attune`,
    `mount --bind ${packs} ${place}/mnt; mount -o remount,bind,ro ${place}/mnt`,
    `${tmp} ${place}/tmp; mount -t proc none ${place}/proc; mount --rbind /dev ${place}/dev`,
  ];
  const agent = `/opt/attune/${agentFile.slice(agentFile.lastIndexOf('/') + 1)}`;
  const command = withMounts(mounts.join('\n'), ['chroot', `--userspec=${user}`, place, agent, ...args]);
  return hasNetwork ? command : ['unshare', '--net', ...command];
}

/** The whole environment of a command in it. */
export const rootEnv = { PATH: '/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
