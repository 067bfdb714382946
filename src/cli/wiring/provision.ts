import { workerPermissions } from '#adapters/broker/amqp/permissions.ts';
import { provideUser } from '#adapters/broker/amqp/provide-user.ts';
import { openUnnamed } from '#adapters/store/postgres/connect.ts';
import { provideLogin, type WantedLogin } from '#adapters/store/postgres/provide-login.ts';
import { readSecretFile } from '#config/layers.ts';
import { hashOfToken } from '#crypto/api-token.ts';
import type { AdminStore, Scope } from '#domain/admin-store.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { localAuditEntry } from './admin-store.ts';

/** What shall be there, each by the file that holds its secret. */
export interface ProvisionOptions {
  readonly serverLogin?: string;
  readonly workerLogin?: string;
  readonly brokerUser?: string;
  readonly management?: string;
  readonly worker?: string;
  readonly workerToken?: string;
  readonly tokenName?: string;
}

interface Provided {
  readonly store: AdminStore;
  readonly databaseUrl: string | undefined;
}

const WORKER_SCOPES: readonly Scope[] = ['worker', 'agent-download'];
/** 32 of these characters are 160 random bits at least, if they are random. */
const TOKEN = /^att_[A-Za-z0-9_-]{32,200}$/;

/** Makes what workers and servers log in by. Returns a line about each; the error is a sentence for people. */
export async function provision(options: ProvisionOptions, deps: Provided): Promise<Result<readonly string[], string>> {
  const lines: string[] = [];
  const steps = [
    async () => await makeLogin(options.serverLogin, 'attune_server', deps),
    async () => await makeLogin(options.workerLogin, 'attune_worker', deps),
    async () => await registerToken(options, deps.store),
    async () => await reserveName(options, deps),
  ];
  for (const step of steps) {
    const done = await step();
    if (!done.ok) return done;
    lines.push(...done.value);
  }
  return success(lines);
}

type Done = Result<readonly string[], string>;
const NOTHING: Done = success([]);

async function makeLogin(
  file: string | undefined,
  role: WantedLogin['role'],
  { store, databaseUrl }: Provided,
): Promise<Done> {
  if (file === undefined) return NOTHING;
  if (databaseUrl === undefined) return failure('logins need PostgreSQL, and database.url is not set');
  const address = readAddress(file, 'postgres:', 'postgresql:');
  if (!address.ok) return address;
  const sql = await openUnnamed(databaseUrl);
  try {
    const { user: name, password } = address.value;
    const made = await provideLogin(sql, { name, password, role });
    if (!made.ok) return failure(`${file}: ${made.error}`);
    await store.saveAudit([localAuditEntry('provision', `login ${name} (${role})`)]);
    return success([`login ${name}: ${made.value}, ${role}`]);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function registerToken(
  { workerToken: file, tokenName: name = 'workers' }: ProvisionOptions,
  store: AdminStore,
): Promise<Done> {
  if (file === undefined) return NOTHING;
  const read = readSecretFile(file);
  if (!read.ok) return read;
  if (!TOKEN.test(read.value)) return failure(`${file}: a token is att_ and 32 to 200 random letters, digits, - or _`);
  const hash = hashOfToken(read.value);
  const known = await store.findToken(hash);
  if (known) {
    const isSame = known.name === name && WORKER_SCOPES.every((one) => known.scopes.includes(one));
    if (isSame) return success([`token ${name}: up to date`]);
    return failure(
      `${file}: it is the token '${known.name}' (${known.scopes.join(', ')}) already: put a new one there`,
    );
  }
  const old = (await store.listTokens()).find((one) => one.name === name && one.revokedAt === undefined);
  if (old) await store.revokeToken(old.id);
  const saved = await store.saveToken({ name, hash, scopes: WORKER_SCOPES, expiresAt: undefined });
  if (!saved) return failure(`somebody else makes a token '${name}' at the same time: do it again`);
  await store.saveAudit([localAuditEntry('provision', `token ${saved.id} (${WORKER_SCOPES.join(',')})`)]);
  return success([`token ${name}: ${old ? 'in place of the old one, which is revoked' : 'made'}`]);
}

async function reserveName(options: ProvisionOptions, { store }: Provided): Promise<Done> {
  const { worker: name, workerLogin, tokenName = 'workers', brokerUser, management } = options;
  if (name === undefined) return NOTHING;
  const owner = workerLogin === undefined ? await tokenOwner(store, tokenName) : loginOwner(workerLogin);
  if (!owner.ok) return owner;
  const worker = await store.assignWorkerName(name, owner.value);
  await store.saveAudit([localAuditEntry('provision', `worker ${worker} (${name}) to ${owner.value}`)]);
  const line = `worker ${name}: has the id ${worker}, belongs to ${owner.value}`;
  if (brokerUser === undefined || management === undefined) return success([line]);
  const [address, at] = [readAddress(brokerUser, 'amqp:', 'amqps:'), readAddress(management, 'http:', 'https:')];
  if (!address.ok) return address;
  if (!at.ok) return at;
  const { user, password, path } = address.value;
  if (user === at.value.user)
    return failure(`${brokerUser}: ${user} administers RabbitMQ: name another user, which is made`);
  const vhost = path === '' ? '/' : path;
  try {
    await provideUser(at.value.url, { password, vhost, permissions: { ...workerPermissions(worker), user } });
  } catch (error) {
    return failure(`the user ${user} of RabbitMQ could not be made: ${messageOf(error)}`);
  }
  return success([line, `user ${user} of RabbitMQ: has the permissions of worker ${name} in ${vhost}`]);
}

async function tokenOwner(store: AdminStore, name: string): Promise<Result<string, string>> {
  const found = (await store.listTokens()).find((one) => one.name === name && one.revokedAt === undefined);
  return found ? success(`token:${found.id}`) : failure(`there is no token '${name}'`);
}

function loginOwner(file: string): Result<string, string> {
  const address = readAddress(file, 'postgres:', 'postgresql:');
  return address.ok ? success(`login:${address.value.user}`) : address;
}

interface Address {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** What follows the host, decoded, without its first slash. */
  readonly path: string;
}

/** Reads an address with user and password from a file. No message shows any of it. */
function readAddress(file: string, ...schemes: readonly string[]): Result<Address, string> {
  const read = readSecretFile(file);
  if (!read.ok) return read;
  const url = URL.parse(read.value);
  if (!url || !schemes.includes(url.protocol) || url.username === '' || url.password === '')
    return failure(`${file}: expected an address ${schemes[0]}//USER:PASSWORD@HOST`);
  try {
    const [user, password, path] = [url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent);
    return success({ url: read.value, user: user ?? '', password: password ?? '', path: path ?? '' });
  } catch {
    return failure(`${file}: user, password or path have a % that begins no encoded character: write %25`);
  }
}
