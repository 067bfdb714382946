/** A Docker Engine of the tests' own, private to this run, with base images made on this machine. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, type CallOptions, call } from './call.ts';
import { cacheDirectory, type RootName, rootFileSystem } from './root-file-systems.ts';
import { until } from './until.ts';

export interface Engine extends AsyncDisposable {
  docker(...args: string[]): Call;
  /** The same, throwing with the output when it fails. */
  must(...args: string[]): string;
  /** Makes an image of a root file system under a name that Dockerfiles use. */
  importRoot(name: RootName, tag: string): void;
  /** Makes an image of single files, each `[path on this machine, path in the image]`. */
  importFiles(tag: string, files: readonly (readonly [string, string])[]): void;
}

/** Behind a proxy that inspects TLS its certificates are in this bundle: builders need it as this machine does. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const trusted = '/etc/ssl/machine.crt';
const trusting = ['--change', `ENV NODE_EXTRA_CA_CERTS=${trusted}`];

/** Starts dockerd without bridge and firewall: containers have no network, or that of this machine. Needs root. */
export async function startEngine(): Promise<Engine> {
  if (process.getuid?.() !== 0) throw new Error('the Docker tests start an engine of their own: run them as root');
  const home = mkdtempSync(join(tmpdir(), 'attune-docker-'));
  const socket = `unix://${home}/socket`;
  const data = join(cacheDirectory, 'docker');
  mkdirSync(data, { recursive: true });
  if (!existsSync('/sys/fs/cgroup/devices') && !existsSync('/sys/fs/cgroup/cgroup.controllers'))
    call(['cgroupfs-mount']);
  const network = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
  const places = ['--data-root', data, '--exec-root', `${home}/exec`, '--pidfile', `${home}/pid`, '--host', socket];
  const daemon = Bun.spawn(['dockerd', ...places, ...network], {
    stdin: 'ignore',
    stdout: Bun.file(`${home}/log`),
    stderr: Bun.file(`${home}/errors`),
  });
  /* Debian's own client: others may lack the BuildKit plugin. */
  const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker';
  const env = {
    ...process.env,
    DOCKER_BUILDKIT: '1',
    BUILDKIT_PROGRESS: 'plain',
    DOCKER_HOST: socket,
    HOME: home,
  } as Record<string, string>;
  const docker = (...args: string[]): Call => call([client, ...args], { env });
  const must = (...args: string[]): string => succeed([client, ...args], { env });
  try {
    await until('the Docker Engine answers', () => docker('info').exitCode === 0, 60_000);
  } catch (error) {
    daemon.kill();
    throw new Error(`dockerd did not start: ${await Bun.file(`${home}/errors`).text()}`, { cause: error });
  }
  const importTar = (tar: readonly string[], tag: string): void =>
    void succeed(
      ['sh', '-euc', `"$@" | ${client} import ${trusting.map((part) => `'${part}'`).join(' ')} - ${tag}`, 'sh', ...tar],
      { env },
    );
  return {
    docker,
    must,
    importRoot: (name, tag) => {
      if (existsSync(certificates)) succeed(['install', '-D', '-m', '644', certificates, `${home}/extra${trusted}`]);
      const extra = existsSync(certificates) ? ['-C', `${home}/extra`, `.${trusted}`] : [];
      importTar(['tar', '-c', '-C', rootFileSystem(name), '.', ...extra], tag);
    },
    importFiles: (tag, files) => {
      const staging = mkdtempSync(join(tmpdir(), 'attune-image-'));
      for (const [from, to] of files) succeed(['install', '-D', from, join(staging, to)]);
      importTar(['tar', '-c', '-C', staging, '.'], tag);
      rmSync(staging, { recursive: true });
    },
    [Symbol.asyncDispose]: async () => {
      daemon.kill('SIGTERM');
      await daemon.exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function succeed(command: readonly string[], options: CallOptions = {}): string {
  const { exitCode, stdout, stderr } = call(command, options);
  if (exitCode !== 0) throw new Error(`${command.join(' ')} failed:\n${stderr.split('\n').slice(-30).join('\n')}`);
  return stdout;
}
