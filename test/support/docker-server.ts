/** A server in a container of the engine that this user reaches: for machines without its programs. */
import { type Call, call } from './call.ts';
import { freePort } from './free-port.ts';

export interface Power {
  /** At once, as when a machine fails; all connections break. */
  kill(): Promise<void>;
  /** Again, with its data. */
  start(): Promise<void>;
}

interface DockerServer {
  /** Of loopback. */
  readonly port: number;
  readonly power: Power;
  /** Runs a command in the container. */
  inside(command: readonly string[]): Call;
  /** What runs a command in the container. */
  insideCommand(command: readonly string[]): readonly string[];
  remove(): void;
}

interface Container {
  readonly image: string;
  /** That it listens on, inside. */
  readonly port: number;
  readonly variables?: readonly string[];
  /** Throws, or waits, until it serves. */
  readonly ready: (port: number) => Promise<void>;
}

export function hasDocker(): boolean {
  return Bun.which('docker') !== null && call(['docker', 'version', '--format', '{{.Server.Version}}']).exitCode === 0;
}

/** ATTUNE_TEST_SERVERS=docker takes this way even where the machine has the programs. */
export const dockerIsWanted = process.env['ATTUNE_TEST_SERVERS'] === 'docker';
/** ATTUNE_TEST_SERVERS=newer takes those of a newer Debian, as root, in a root file system. */
export const newerIsWanted = process.env['ATTUNE_TEST_SERVERS'] === 'newer';

/** Pulls the image when it is not there. Throws with Docker's own words. */
export async function startInDocker({ image, port: listens, variables = [], ready }: Container): Promise<DockerServer> {
  const port = freePort();
  const name = `attune-test-${port}`;
  const settings = variables.flatMap((one) => ['--env', one]);
  const publish = ['--publish', `127.0.0.1:${port}:${listens}`];
  docker('run', '--detach', '--name', name, '--hostname', name, ...publish, ...settings, image);
  const remove = (): void => docker('rm', '--force', '--volumes', name);
  try {
    await ready(port);
  } catch (error) {
    const { stdout, stderr } = call(['docker', 'logs', '--tail', '30', name]);
    remove();
    throw new Error(`${image} did not start:\n${stdout}${stderr}`, { cause: error });
  }
  const insideCommand = (command: readonly string[]): readonly string[] => ['docker', 'exec', name, ...command];
  const start = async (): Promise<void> => {
    docker('start', name);
    await ready(port);
  };
  return {
    port,
    power: { kill: async () => docker('kill', name), start },
    inside: (command) => call(insideCommand(command)),
    insideCommand,
    remove,
  };
}

function docker(...args: readonly string[]): void {
  const { exitCode, stderr } = call(['docker', ...args]);
  if (exitCode !== 0) throw new Error(`docker ${args.join(' ')} failed: ${stderr.trim()}`);
}
