/** The cells of the matrix: one root file system, entered in one way. */
import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type DetectionReport, detectionReportSchema } from '#execution/runtimes/report.ts';
import { type Call, call } from '#test/support/call.ts';
import { onSubset } from '#test/support/deny.ts';
import {
  cacheDirectory,
  type foreignRootNames,
  type RootName,
  rootFileSystem,
  type rootNames,
} from '#test/support/root-file-systems.ts';

export interface Way {
  readonly name: string;
  /** Without an entry in /etc/passwd unless 0. */
  readonly uid: number;
  readonly isReadOnly: boolean;
  readonly isPid1: boolean;
  readonly hasHome: boolean;
  readonly hasProc: boolean;
  readonly isTmpNoexec: boolean;
  readonly hasNetwork: boolean;
  /** By default that of the user. */
  readonly gid?: number;
  readonly special?: 'user namespace' | 'hidepid' | '64 MiB' | 'few system calls';
}

const plain = {
  uid: 64123,
  isReadOnly: true,
  isPid1: true,
  hasHome: false,
  hasProc: true,
  isTmpNoexec: false,
  hasNetwork: false,
} as const;

export const ways: readonly Way[] = [
  { ...plain, name: 'root rw', uid: 0, isReadOnly: false, hasHome: true, hasNetwork: true },
  { ...plain, name: 'nobody ro' },
  { ...plain, name: 'nobody rw, no proc', isReadOnly: false, isPid1: false, hasProc: false },
  { ...plain, name: 'root rw, noexec tmp', uid: 0, isReadOnly: false, isPid1: false, hasHome: true, isTmpNoexec: true },
  { ...plain, name: 'nobody ro, noexec tmp', isPid1: false, hasHome: true, isTmpNoexec: true },
];

/** What single engines and clusters do; tried in a few roots. */
export const specialWays: readonly Way[] = [
  { ...plain, name: 'user namespace', uid: 0, isReadOnly: false, special: 'user namespace' },
  { ...plain, name: 'hidepid', special: 'hidepid' },
  { ...plain, name: '64 MiB of memory', special: '64 MiB' },
  { ...plain, name: 'any uid, group 0', gid: 0 },
  { ...plain, name: 'few system calls', special: 'few system calls' },
];
export const specialRoots = ['busybox', 'python', 'bookworm'] as const;

/** Roots whose cells are judged. */
export type MatrixRoot = (typeof rootNames)[number] | (typeof foreignRootNames)[number];

/** What each root must be found to have. */
export const expectations: Readonly<
  Record<MatrixRoot, { readonly runtimes: readonly string[]; readonly libc: string; readonly os: string | undefined }>
> = {
  empty: { runtimes: [], libc: 'none', os: undefined },
  busybox: { runtimes: ['shell', 'awk'], libc: 'musl', os: undefined },
  python: { runtimes: ['python'], libc: 'glibc', os: 'debian' },
  node: { runtimes: ['node'], libc: 'glibc', os: 'debian' },
  java: { runtimes: ['java'], libc: 'glibc', os: 'debian' },
  'arm64-busybox': { runtimes: ['shell', 'awk'], libc: 'musl', os: undefined },
  'arm64-node': { runtimes: ['node'], libc: 'glibc', os: 'debian' },
  'arm64-java': { runtimes: ['java'], libc: 'glibc', os: 'debian' },
  'arm64-python': { runtimes: ['python'], libc: 'glibc', os: 'debian' },
  'arm64-debian': { runtimes: ['shell', 'python', 'perl', 'awk'], libc: 'glibc', os: 'debian' },
  bullseye: { runtimes: ['shell', 'perl', 'awk'], libc: 'glibc', os: 'debian' },
  bookworm: { runtimes: ['shell', 'perl', 'awk'], libc: 'glibc', os: 'debian' },
  trixie: { runtimes: ['shell', 'perl', 'awk'], libc: 'glibc', os: 'debian' },
  sid: { runtimes: ['shell', 'perl', 'awk'], libc: 'glibc', os: 'debian' },
  families: {
    runtimes: ['shell', 'python', 'node', 'ruby', 'go', 'java', 'r', 'perl', 'awk'],
    libc: 'glibc',
    os: 'debian',
  },
  more: {
    runtimes: [
      'shell',
      'perl',
      'php',
      'lua',
      'bun',
      'elixir',
      'erlang',
      'tcl',
      'awk',
      'rust',
      'ocaml',
      'racket',
      'guile',
    ],
    libc: 'glibc',
    os: 'debian',
  },
};

export interface CellReport {
  readonly version: Call;
  readonly detection: DetectionReport | undefined;
  readonly selfTest: Call;
}

/** Runs the three commands in a cell. */
export function runCell(agent: string, root: RootName, way: Way): CellReport {
  const version = callInCell({ agent, root, way }, ['--version']);
  const detection = detectInCell({ agent, root, way });
  return { version, detection, selfTest: callInCell({ agent, root, way }, ['self-test']) };
}

interface Cell {
  readonly agent: string;
  readonly root: RootName;
  readonly way: Way;
}

/** The report of --detect-only in a cell, checked by its schema; undefined when it failed. */
export function detectInCell(cell: Cell): DetectionReport | undefined {
  const { exitCode, stdout } = callInCell(cell, ['--detect-only', '--format', 'json']);
  return exitCode === 0 ? detectionReportSchema.parse(JSON.parse(stdout)) : undefined;
}

function callInCell({ agent, root, way }: Cell, args: readonly string[]): Call {
  return call([...cellCommand(agent, root, way), ...args], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
}

/** Enters with namespaces of mounts, processes and, where asked, network; every trace is gone with them. */
function cellCommand(agent: string, root: RootName, way: Way): readonly string[] {
  const place = join(cacheDirectory, 'cell');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(place, 'root'), { recursive: true });
  const target = join(place, 'root');
  const environment = ['PATH=/usr/local/bin:/usr/bin:/bin', ...(way.hasHome ? ['HOME=/tmp'] : [])];
  const user = way.special === 'user namespace' ? '' : `--userspec=${way.uid}:${way.gid ?? way.uid}`;
  const inside = `$(command -v chroot) ${user} ${target} /opt/attune/${basename(agent)} "$@"`;
  const enter = way.special === 'few system calls' ? onSubset([inside]).join(' ') : inside;
  const script = [
    ...(way.special === '64 MiB' ? [limitMemory(64)] : []),
    `mount -t tmpfs none ${place}`,
    `mkdir ${target} ${place}/upper ${place}/work`,
    way.isReadOnly
      ? `mount --bind ${rootFileSystem(root)} ${target}; mount -o remount,ro,bind ${target}`
      : `mount -t overlay -o lowerdir=${rootFileSystem(root)},upperdir=${place}/upper,workdir=${place}/work none ${target}`,
    `mount --bind ${dirname(agent)} ${target}/opt/attune; mount -o remount,ro,bind ${target}/opt/attune`,
    `mount -t tmpfs -o mode=1777${way.isTmpNoexec ? ',noexec' : ''} none ${target}/tmp`,
    ...(root === 'empty'
      ? []
      : [
          `mount -t tmpfs none ${target}/dev; for d in null zero full urandom; do : > ${target}/dev/$d; mount --bind /dev/$d ${target}/dev/$d; done`,
        ]),
    ...(way.hasProc ? [`mount -t proc ${way.special === 'hidepid' ? '-o hidepid=2 ' : ''}none ${target}/proc`] : []),
    way.isPid1
      ? `exec env -i ${environment.join(' ')} ${enter}`
      : `env -i ${environment.join(' ')} ${enter} || exit $?`,
  ].join('\n');
  const own = way.special === 'user namespace' ? ['--user', '--map-root-user'] : [];
  const namespaces = [
    ...own,
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    ...(way.hasNetwork ? [] : ['--net']),
  ];
  return ['unshare', ...namespaces, 'sh', '-euc', script, 'sh'];
}

/** Shell commands that put the shell into a cgroup, of version 1 or 2, with this limit. */
function limitMemory(mebibytes: number): string {
  const bytes = mebibytes * 1024 * 1024;
  return `if [ -d /sys/fs/cgroup/memory ]; then group=/sys/fs/cgroup/memory/attune-cell; mkdir -p $group; echo ${bytes} > $group/memory.limit_in_bytes
else group=/sys/fs/cgroup/attune-cell; mkdir -p $group; echo ${bytes} > $group/memory.max; fi
echo $$ > $group/cgroup.procs`;
}
