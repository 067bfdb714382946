/** A real PostgreSQL for tests, private to this run. */
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { dockerIsWanted, hasDocker, newerIsWanted, type Power, startInDocker } from './docker-server.ts';
import { freePort } from './free-port.ts';
import { withMounts } from './namespace.ts';
import { rootFileSystem } from './root-file-systems.ts';
import { temporaryDirectory } from './temporary.ts';
import { unpacked, withUnpacked } from './unpacked-servers.ts';
import { until } from './until.ts';

export interface PostgresServer extends AsyncDisposable {
  /** Of the database that every server has. */
  readonly url: string;
  /** An empty database, dropped with the server; or a copy of one that `fill` has filled, once for all that it fills. */
  createDatabase(fill?: (url: string) => Promise<unknown>): Promise<string>;
  /** Undefined: the server was given, and is not ours to stop. */
  readonly power: Power | undefined;
}

const IMAGE = 'postgres:17-alpine';

interface PostgresOptions {
  /** One of this test's own, from programs of this machine, whatever server is given. */
  readonly isOwn?: boolean;
  /** The port on loopback of the server of which it becomes a replica. */
  readonly copyOf?: number;
}

/**
 * In this order: the server at ATTUNE_TEST_DATABASE_URL; one started from this machine's own programs; as root, one
 * from Debian's packages in a root file system; one in Docker. Throws saying what to install.
 */
export async function startPostgres({ isOwn = false, copyOf }: PostgresOptions = {}): Promise<PostgresServer> {
  const given = process.env['ATTUNE_TEST_DATABASE_URL'];
  if (given !== undefined && !isOwn) return describeServer(given, undefined, async () => {});
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o777);
  const port = freePort();
  const command = dockerIsWanted && !isOwn ? undefined : serverCommand(directory.path, { port, copyOf });
  if (!command) return await startInContainer();
  const url = `postgres://attune@127.0.0.1:${port}/postgres`;
  let child: Bun.Subprocess | undefined;
  const start = async (): Promise<void> => {
    const log = Bun.file(join(directory.path, 'log'));
    const started = Bun.spawn([...command], { stdin: 'ignore', stdout: 'ignore', stderr: log });
    child = started;
    try {
      await until('PostgreSQL answers', () => started.exitCode === null && answers(url));
    } catch (error) {
      throw new Error(`PostgreSQL did not start:\n${await log.text()}`, { cause: error });
    }
  };
  const kill = async (): Promise<void> => {
    child?.kill('SIGQUIT');
    await child?.exited;
  };
  await start();
  return describeServer(url, { kill, start }, async () => {
    await kill();
    directory[Symbol.dispose]();
  });
}

async function startInContainer(): Promise<PostgresServer> {
  if (!hasDocker())
    throw new Error(
      'no PostgreSQL: sudo apt-get install -y postgresql, or start Docker, or set ATTUNE_TEST_DATABASE_URL',
    );
  const urlAt = (port: number): string => `postgres://attune@127.0.0.1:${port}/postgres`;
  const { port, power, remove } = await startInDocker({
    image: IMAGE,
    port: 5432,
    variables: ['POSTGRES_USER=attune', 'POSTGRES_HOST_AUTH_METHOD=trust'],
    ready: (at) => until('PostgreSQL answers', () => answers(urlAt(at))),
  });
  return describeServer(urlAt(port), power, async () => remove());
}

/** Undefined: neither programs, nor root to unpack them. */
function serverCommand(
  directory: string,
  { port, copyOf }: { readonly port: number; readonly copyOf: number | undefined },
): readonly string[] | undefined {
  const make = (data: string): string =>
    copyOf === undefined
      ? `initdb -D ${data} -U attune -A trust -E UTF8 --no-sync >/dev/null`
      : `pg_basebackup -h 127.0.0.1 -p ${copyOf} -U attune -D ${data} -R -X stream --checkpoint=fast --no-sync`;
  const script = (at: string): string =>
    `[ -d ${at}/data ] || ${make(`${at}/data`)}; exec postgres -D ${at}/data -k ${at} -h 127.0.0.1 -p ${port} -c fsync=off`;
  const isRoot = process.getuid?.() === 0;
  const own = newerIsWanted ? undefined : ownPrograms();
  if (own !== undefined) {
    const user = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    return [...user, ...withUnpacked, 'sh', '-euc', `PATH=${own}:$PATH; ${script(directory)}`];
  }
  if (!isRoot) return;
  const root = rootFileSystem(newerIsWanted ? 'newer-servers' : 'servers');
  const programs = readdirSync(`${root}/usr/lib/postgresql`).at(-1) ?? '';
  const mounts = `mount --bind ${directory} ${root}/mnt; mount --rbind /dev ${root}/dev; mount -t proc none ${root}/proc`;
  const inside = `PATH=/usr/lib/postgresql/${programs}/bin:/usr/bin:/bin; ${script('/mnt')}`;
  return withMounts(mounts, ['chroot', '--userspec=postgres:postgres', root, 'sh', '-euc', inside]);
}

/** The directory of `initdb` and `postgres`, which Debian keeps off PATH. */
function ownPrograms(): string | undefined {
  const debian = ['/usr/lib/postgresql', ...unpacked('/usr/lib/postgresql')]
    .filter((place) => existsSync(place))
    .flatMap((place) => readdirSync(place).map((version) => join(place, version, 'bin')));
  const places = [...(process.env['PATH'] ?? '').split(':'), ...debian];
  return places.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')));
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 1, onnotice: () => {} });
  try {
    await sql`SELECT 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function describeServer(url: string, power: Power | undefined, stop: () => Promise<void>): PostgresServer {
  const created: string[] = [];
  const filled = new Map<(url: string) => Promise<unknown>, Promise<string>>();
  const administer = async (...statements: readonly string[]): Promise<void> => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    for (const statement of statements) await sql.unsafe(statement);
    await sql.end();
  };
  const create = async (template: string): Promise<string> => {
    const name = `attune_test_${crypto.randomUUID().replaceAll('-', '')}`;
    created.push(name);
    await administer(`CREATE DATABASE ${name}${template === '' ? '' : ` TEMPLATE ${template}`}`);
    return name;
  };
  const urlOf = (name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const fillOne = async (fill: (url: string) => Promise<unknown>): Promise<string> => {
    const name = await create('');
    await fill(urlOf(name));
    return name;
  };
  return {
    url,
    power,
    createDatabase: async (fill) => {
      if (fill && !filled.has(fill)) filled.set(fill, fillOne(fill));
      return urlOf(await create((fill && (await filled.get(fill))) ?? ''));
    },
    [Symbol.asyncDispose]: async () => {
      /* A server that was started for this run takes its databases along. */
      if (power === undefined) await administer(...created.map((name) => `DROP DATABASE ${name} WITH (FORCE)`));
      await stop();
    },
  };
}
