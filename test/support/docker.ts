/** A Docker Engine of the tests' own, private to this run, with base images made on this machine. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Call, type CallOptions, call } from './call.ts';
import { cacheDirectory, type RootName, rootFileSystem } from './root-file-systems.ts';
import { until } from './until.ts';

export interface Engine extends AsyncDisposable {
  /** What a program needs in its environment to use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Enters the network where published ports are. */
  readonly enter: readonly string[];
  docker(...args: string[]): Call;
  /** The same, throwing with the output when it fails. */
  must(...args: string[]): string;
  /** Makes an image of a root file system, and of `files` besides, under a name that others use; kept for the next time. */
  importRoot(name: RootName, tag: string, content?: ImageContent): void;
  /** Makes an image of single files. */
  importFiles(tag: string, content: ImageContent): void;
}

export interface ImageContent {
  /** Each `[path on this machine, path in the image]`; executable. */
  readonly files?: readonly (readonly [string, string])[];
  /** Instructions, as of a Dockerfile. */
  readonly changes?: readonly string[];
}

/** Behind a proxy that inspects TLS its certificates are in this bundle: builders need it as this machine does. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const trusted = 'etc/ssl/machine.crt';
const trusting = [`ENV NODE_EXTRA_CA_CERTS=/${trusted}`];

/**
 * Starts dockerd. `none`: Debian's, without bridge and firewall; builds may use the network of this machine. `own`: a newer
 * one, with Compose, in a network namespace of its own, where it makes networks. Needs root.
 */
export async function startEngine(networks: 'none' | 'own' = 'none'): Promise<Engine> {
  if (process.getuid?.() !== 0) throw new Error('the Docker tests start an engine of their own: run them as root');
  const home = mkdtempSync(join(tmpdir(), 'attune-docker-'));
  const socket = `unix://${home}/socket`;
  const data = join(cacheDirectory, networks === 'own' ? 'docker-own' : 'docker');
  mkdirSync(data, { recursive: true });
  if (!existsSync('/sys/fs/cgroup/devices') && !existsSync('/sys/fs/cgroup/cgroup.controllers'))
    call(['cgroupfs-mount']);
  const programs = networks === 'own' ? unpackedEngine(home) : machineEngine();
  const config = join(home, 'daemon.json');
  writeFileSync(config, JSON.stringify({ builder: { gc: { enabled: true, defaultKeepStorage: '1500MB' } } }));
  const places = [
    '--config-file',
    config,
    '--data-root',
    data,
    '--exec-root',
    `${home}/exec`,
    '--pidfile',
    `${home}/pid`,
    '--host',
    socket,
  ];
  const daemon = Bun.spawn([...programs.daemon, ...places], {
    env: { ...process.env, ...programs.env } as Record<string, string>,
    stdin: 'ignore',
    stdout: Bun.file(`${home}/log`),
    stderr: Bun.file(`${home}/errors`),
  });
  const { client } = programs;
  const env = {
    ...process.env,
    DOCKER_BUILDKIT: '1',
    BUILDKIT_PROGRESS: 'plain',
    DOCKER_HOST: socket,
    HOME: home,
    ...programs.env,
  } as Record<string, string>;
  const docker = (...args: string[]): Call => call([client, ...args], { env });
  const must = (...args: string[]): string => succeed([client, ...args], { env });
  try {
    await until('the Docker Engine answers', () => docker('info').exitCode === 0);
  } catch (error) {
    daemon.kill();
    throw new Error(`dockerd did not start: ${await Bun.file(`${home}/errors`).text()}`, { cause: error });
  }
  const importTar = (tar: readonly string[], tag: string, changes: readonly string[]): void => {
    const options = [...trusting, ...changes].flatMap((change) => ['--change', change]);
    const script = `tar=$1; shift; eval "$tar" | "$@"`;
    succeed(
      ['sh', '-euc', script, 'sh', tar.map((part) => `'${part}'`).join(' '), client, 'import', ...options, '-', tag],
      {
        env,
      },
    );
  };
  const stage = (files: NonNullable<ImageContent['files']>): Disposable & { readonly path: string } => {
    const path = mkdtempSync(join(tmpdir(), 'attune-image-'));
    for (const [from, to] of files) succeed(['install', '-D', from, join(path, to)]);
    return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
  };
  return {
    env,
    enter: networks === 'own' ? ['nsenter', `--net=/proc/${daemon.pid}/ns/net`] : [],
    docker,
    must,
    importRoot: (name, tag, { files = [], changes = [] } = {}) => {
      const root = rootFileSystem(name);
      const base = `attune-root:${basename(root)}`;
      const hash = new Bun.CryptoHasher('sha256').update(JSON.stringify([base, changes]));
      for (const [from] of files) hash.update(readFileSync(from));
      const mark = hash.digest('hex');
      if (docker('image', 'inspect', '--format', '{{.Config.Labels.mark}}', tag).stdout.trim() === mark) return;
      const more = [...files, ...(existsSync(certificates) ? [[certificates, trusted] as const] : [])];
      using extra = stage(more);
      /* Images of one root share its layer. */
      if (docker('image', 'inspect', base).exitCode !== 0) importTar(['tar', '-c', '-C', root, '.'], base, []);
      const id = must('create', base, '-').trim();
      must('cp', `${extra.path}/.`, `${id}:/`);
      const all = [...trusting, ...changes, `LABEL mark=${mark}`];
      must('commit', ...all.flatMap((change) => ['--change', change]), id, tag);
      must('rm', id);
    },
    importFiles: (tag, { files = [], changes = [] }) => {
      using staging = stage(files);
      importTar(['tar', '-c', '-C', staging.path, '.'], tag, changes);
    },
    [Symbol.asyncDispose]: async () => {
      /* What this run has replaced, such as the images of an earlier build, would fill the disk. */
      for (const what of ['container', 'image']) docker(what, 'prune', '--force');
      docker('builder', 'prune', '--force', '--filter', 'until=24h');
      daemon.kill('SIGTERM');
      await daemon.exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

interface Programs {
  readonly daemon: readonly string[];
  readonly client: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Debian's own client: others may lack the BuildKit plugin. */
function machineEngine(): Programs {
  return {
    daemon: ['dockerd', '--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
    client: existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker',
    env: {},
  };
}

/** With this machine's own runc: the newer one wants a newer C library. */
function unpackedEngine(home: string): Programs {
  const root = rootFileSystem('engine');
  const linkAll = (to: string, files: readonly string[]): void => {
    mkdirSync(to, { recursive: true });
    for (const file of files) symlinkSync(join(root, file), join(to, basename(file)));
  };
  linkAll(`${home}/client/cli-plugins`, [
    'usr/libexec/docker/cli-plugins/docker-compose',
    'usr/libexec/docker/cli-plugins/docker-buildx',
  ]);
  linkAll(`${home}/bin`, [
    'usr/bin/docker',
    'usr/bin/containerd',
    'usr/bin/containerd-shim-runc-v2',
    'usr/sbin/dockerd',
    'usr/sbin/docker-proxy',
  ]);
  return {
    daemon: ['unshare', '--net', 'sh', '-euc', 'ip link set lo up; exec dockerd "$@"', 'dockerd'],
    client: `${home}/bin/docker`,
    env: { PATH: `${home}/bin:${process.env['PATH']}`, DOCKER_CONFIG: `${home}/client` },
  };
}

function succeed(command: readonly string[], options: CallOptions = {}): string {
  const { exitCode, stdout, stderr } = call(command, options);
  if (exitCode !== 0) throw new Error(`${command.join(' ')} failed:\n${stderr.split('\n').slice(-30).join('\n')}`);
  return stdout;
}
