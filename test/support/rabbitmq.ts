/** A real RabbitMQ for tests, private to this run. */
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { call } from './call.ts';
import { dockerIsWanted, hasDocker, newerIsWanted, type Power, startInDocker } from './docker-server.ts';
import { freePort } from './free-port.ts';
import { withMounts } from './namespace.ts';
import { rootFileSystem } from './root-file-systems.ts';
import { temporaryDirectory } from './temporary.ts';
import { unpacked, withUnpacked } from './unpacked-servers.ts';
import { until } from './until.ts';

export interface RabbitServer extends AsyncDisposable {
  readonly url: string;
  /** Undefined: the server was given, and is not ours to stop. */
  readonly power: RabbitPower | undefined;
}

interface RabbitPower extends Power {
  /** Whether the server finds this quorum queue again after it was killed: it notes new ones on its disk after seconds. */
  remembers(queue: string): boolean;
  /** Runs `rabbitmqctl`; throws with what it said when it fails. */
  control(...args: readonly string[]): Promise<void>;
  /** What `rabbitmqctl list_queues` says. */
  listQueues(): Promise<string>;
}

export interface RabbitOptions {
  /** More of rabbitmq.conf; `at`: where its files are, as the server sees them. */
  readonly config?: (at: string) => string;
  readonly files?: Readonly<Record<string, string>>;
}

const IMAGE = 'rabbitmq:4.1-alpine';
const STARTS = 4;
/** The programs' own directory: Debian's wrappers on PATH insist on their own user. */
const debian = ['/usr/lib/rabbitmq/bin', ...unpacked('/usr/lib/rabbitmq/bin')].find((place) => existsSync(place));
/** In a root file system of the tests. */
const inRoot = '/usr/lib/rabbitmq/bin';

/**
 * In this order: the server at ATTUNE_TEST_MESSAGE_QUEUE_URL; one started from this machine's own programs; as root, one
 * from Debian's packages in a root file system; one in Docker. Throws saying what to install.
 */
export async function startRabbit({ config, files = {} }: RabbitOptions = {}): Promise<RabbitServer> {
  const given = process.env['ATTUNE_TEST_MESSAGE_QUEUE_URL'];
  if (given !== undefined) return { url: given, power: undefined, [Symbol.asyncDispose]: async () => {} };
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o777);
  const ports = { amqp: freePort(), distribution: freePort(), epmd: freePort() };
  const url = urlAt(ports.amqp);
  for (const [name, text] of Object.entries(files)) chmodSync(directory.file(name, text), 0o644);
  const isInRoot = newerIsWanted || debian === undefined;
  if (config) chmodSync(directory.file('more.conf', config(isInRoot ? '/mnt' : directory.path)), 0o644);
  const commandOf = dockerIsWanted ? undefined : programsHere(directory.path, ports);
  if (!commandOf) return await startInContainer();
  const command = commandOf('rabbitmq-server');
  let child: Bun.Subprocess | undefined;
  const startOnce = async (): Promise<boolean> => {
    const log = Bun.file(join(directory.path, 'log'));
    const started = Bun.spawn([...command], { stdin: 'ignore', stdout: log, stderr: log, detached: true });
    child = started;
    let isUp = false;
    const isDecided = async (): Promise<boolean> => {
      isUp = await answers(url);
      return isUp || started.exitCode !== null;
    };
    await until('RabbitMQ answers or gives up', isDecided).catch(() => {});
    return isUp;
  };
  /* The Erlang machine and its port mapper belong to the group of the script. */
  const kill = async (): Promise<void> => {
    const group = child?.pid;
    if (group === undefined) return;
    signalGroup(group, 'SIGKILL');
    /* Where nobody reaps orphans their zombies stay, and do no harm. */
    await until('all of RabbitMQ is gone', () => !signalGroup(group, 0), 3000).catch(() => {});
    for (const pid of epmds(ports.epmd)) process.kill(pid, 'SIGKILL');
  };
  /* Killed at an unlucky moment it may fail to start once. */
  const start = async (): Promise<void> => {
    for (let attempt = 0; attempt < STARTS; attempt++) {
      if (await startOnce()) return;
      await kill();
    }
    throw new Error(`RabbitMQ did not start:\n${await Bun.file(join(directory.path, 'log')).text()}`);
  };
  await start();
  return {
    url,
    power: {
      kill,
      start,
      remembers: (queue) => call(notedIn(directory.path, queue)).exitCode === 0,
      ...controlBy(commandOf('rabbitmqctl')),
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      directory[Symbol.dispose]();
    },
  };
}

function urlAt(port: number): string {
  return `amqp://guest:guest@127.0.0.1:${port}/`;
}

async function startInContainer(): Promise<RabbitServer> {
  if (!hasDocker())
    throw new Error(
      'no RabbitMQ: sudo apt-get install -y rabbitmq-server, or start Docker, or set ATTUNE_TEST_MESSAGE_QUEUE_URL',
    );
  const { port, power, inside, insideCommand, remove } = await startInDocker({
    image: IMAGE,
    port: 5672,
    ready: (at) => until('RabbitMQ answers', () => answers(urlAt(at)), 120_000),
  });
  const remembers = (queue: string): boolean => inside(notedIn('/var/lib/rabbitmq', queue)).exitCode === 0;
  const control = controlBy(insideCommand(['rabbitmqctl']));
  return { url: urlAt(port), power: { ...power, remembers, ...control }, [Symbol.asyncDispose]: async () => remove() };
}

const QUEUE_COLUMNS = ['name', 'consumers', 'messages_ready', 'messages_unacknowledged'];

function controlBy(rabbitmqctl: readonly string[]): Pick<RabbitPower, 'control' | 'listQueues'> {
  const run = async (args: readonly string[]): Promise<string> => {
    const child = Bun.spawn([...rabbitmqctl, ...args], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
    const [said, wrong] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0) throw new Error(`rabbitmqctl ${args.join(' ')}: ${wrong}`);
    return said;
  };
  return {
    control: async (...args) => void (await run(args)),
    listQueues: () => run(['list_queues', ...QUEUE_COLUMNS]),
  };
}

/** A command that succeeds when the register of quorum queues below a directory has this one. */
function notedIn(directory: string, queue: string): readonly string[] {
  return ['sh', '-c', 'find "$1" -name names.dets -exec cat {} + | grep -qaF "$2"', 'sh', directory, queue];
}

/** False: none of the group is left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

interface Ports {
  readonly amqp: number;
  readonly distribution: number;
  readonly epmd: number;
}

/** epmd daemonises itself out of the group; it carries its port in its environment. */
function epmds(port: number): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (textOf(`/proc/${name}/comm`).trim() !== 'epmd') return [];
    return textOf(`/proc/${name}/environ`).split('\0').includes(`ERL_EPMD_PORT=${port}`) ? [Number(name)] : [];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Makes the command of one of RabbitMQ's programs. Undefined: neither programs, nor root to unpack them. */
function programsHere(directory: string, ports: Ports): ((name: string) => readonly string[]) | undefined {
  const isRoot = process.getuid?.() === 0;
  if (debian !== undefined && !newerIsWanted) {
    const user = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    return (name) => [...user, 'env', ...variables(directory, ports), ...withUnpacked, join(debian, name)];
  }
  if (!isRoot) return;
  const root = rootFileSystem(newerIsWanted ? 'newer-servers' : 'servers');
  const mounts = `mount --bind ${directory} ${root}/mnt; mount --rbind /dev ${root}/dev; mount -t proc none ${root}/proc`;
  const inside = ['chroot', '--userspec=rabbitmq:rabbitmq', root, 'env', ...variables('/mnt', ports)];
  return (name) => withMounts(mounts, [...inside, join(inRoot, name)]);
}

function variables(at: string, { amqp, distribution, epmd }: Ports): readonly string[] {
  return [
    `PATH=/usr/bin:/bin:/usr/sbin:/sbin`,
    `HOME=${at}`,
    `RABBITMQ_NODENAME=attune${amqp}@localhost`,
    'RABBITMQ_NODE_IP_ADDRESS=127.0.0.1',
    `RABBITMQ_NODE_PORT=${amqp}`,
    `RABBITMQ_DIST_PORT=${distribution}`,
    `ERL_EPMD_PORT=${epmd}`,
    'ERL_EPMD_ADDRESS=127.0.0.1',
    `RABBITMQ_MNESIA_BASE=${at}/data`,
    `RABBITMQ_LOG_BASE=${at}/logs`,
    `RABBITMQ_ENABLED_PLUGINS_FILE=${at}/plugins`,
    `RABBITMQ_CONFIG_FILE=${at}/more`,
    `RABBITMQ_CONF_ENV_FILE=${at}/none`,
    `RABBITMQ_GENERATED_CONFIG_DIR=${at}/generated`,
    'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}',
  ];
}

async function answers(url: string): Promise<boolean> {
  const opened = connect(url, { timeout: 2000 }).then(
    async (connection) => {
      await connection.close().catch(() => {});
      return true;
    },
    () => false,
  );
  /* A broker that dies while it answers would be waited for for ever. */
  return await Promise.race([opened, Bun.sleep(5000).then(() => false)]);
}
