/** A real PgBouncer for tests, in transaction mode, in front of a PostgreSQL on loopback. */
import { chmodSync, existsSync } from 'node:fs';
import postgres from 'postgres';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './temporary.ts';
import { unpacked, withUnpacked } from './unpacked-servers.ts';
import { until } from './until.ts';

export interface Pooler extends AsyncDisposable {
  /** The address of a database, by this pooler. */
  by(url: string): string;
}

const program = ['/usr/sbin/pgbouncer', ...unpacked('/usr/sbin/pgbouncer')].find((file) => existsSync(file));

/** Serves these users, without a password. Throws saying what to install. */
export async function startPgBouncer(serverPort: string, users: readonly string[]): Promise<Pooler> {
  if (program === undefined) throw new Error('no PgBouncer: sudo apt-get install -y pgbouncer');
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o777);
  const port = freePort();
  directory.file('users.txt', users.map((user) => `"${user}" ""\n`).join(''));
  const config = directory.file('pgbouncer.ini', configOf(directory.path, { port, serverPort }));
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const log = Bun.file(`${directory.path}/log`);
  const child = Bun.spawn([...user, ...withUnpacked, program, '-q', config], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: log,
  });
  const by = (url: string): string => {
    const address = new URL(url);
    address.port = String(port);
    return address.href;
  };
  try {
    const one = by(`postgres://${users[0]}@127.0.0.1:${serverPort}/postgres`);
    await until('PgBouncer answers', () => child.exitCode === null && answers(one));
  } catch (error) {
    throw new Error(`PgBouncer did not start:\n${await log.text()}`, { cause: error });
  }
  return {
    by,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
      directory[Symbol.dispose]();
    },
  };
}

/** As PgBouncer comes: no startup parameter is ignored, and no prepared statement is followed. */
function configOf(
  directory: string,
  { port, serverPort }: { readonly port: number; readonly serverPort: string },
): string {
  return [
    '[databases]',
    `* = host=127.0.0.1 port=${serverPort}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${directory}/users.txt`,
    'pool_mode = transaction',
    'default_pool_size = 4',
    'server_idle_timeout = 2' /* each test has a database of its own */,
    'max_client_conn = 200',
    '',
  ].join('\n');
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 1, prepare: false, onnotice: () => {} });
  try {
    await sql.unsafe('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
