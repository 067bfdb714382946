/** A whole Attune whose parts can be broken one by one, with one process of each kind in it. */
import postgres from 'postgres';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { createSubject, HEARTBEAT_S, KINDS, type Kind, type Subject, startHelper } from './subjects.ts';

export interface Bed extends AsyncDisposable {
  readonly cluster: Cluster;
  /** On the way of all processes to each of these. */
  readonly database: TcpProxy;
  readonly broker: TcpProxy;
  readonly server: TcpProxy;
  readonly subjects: Readonly<Record<Kind, Subject>>;
  /** Does something in a transaction of the database, whatever its settings are. */
  administer(work: (sql: postgres.TransactionSql) => PromiseLike<unknown>): Promise<void>;
}

const actions = {
  probe: { yaml: 'max_retries: 1000\nenv_vars: [DONE, N]\n', script: 'echo "$N" >>"$DONE"' },
};

export async function startBed(program: string): Promise<Bed> {
  await using resources = new AsyncDisposableStack();
  const proxies = new Map<string, TcpProxy>();
  let databaseUrl = '';
  const through = async (url: string): Promise<string> => {
    const target = new URL(url);
    if (target.protocol === 'postgres:') databaseUrl = url;
    const proxy = resources.use(await startProxy(Number(target.port)));
    proxies.set(target.protocol, proxy);
    target.port = String(proxy.port);
    return target.href;
  };
  const cluster = resources.use(await startCluster({ heartbeat: HEARTBEAT_S, through, actions }));
  const server = resources.use(await startProxy(Number(new URL(cluster.url).port)));
  const [database, broker] = [proxies.get('postgres:'), proxies.get('amqp:')];
  if (!(database && broker)) throw new Error(`no proxy of ${[...proxies.keys()].join(', ')} is meant`);
  const options = { cluster, program, serverUrl: `http://127.0.0.1:${server.port}` };
  const of = (kind: Kind): Subject => {
    const subject = createSubject(kind, options);
    resources.defer(() => subject.stop());
    return subject;
  };
  const subjects: Bed['subjects'] = {
    server: of('server'),
    'database worker': of('database worker'),
    'HTTP worker': of('HTTP worker'),
    standalone: of('standalone'),
  };
  for (const kind of KINDS) {
    await subjects[kind].start();
    if (kind === 'server') await cluster.answers();
  }
  resources.defer(async () => await subjects.standalone.kill(subjects.standalone.supervisor()).catch(() => {}));
  startHelper(cluster);
  const administer: Bed['administer'] = async (work) => {
    const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
    try {
      await sql.begin('read write', work);
    } finally {
      await sql.end({ timeout: 1 });
    }
  };
  const owned = resources.move();
  return {
    ...{ cluster, database, broker, server, subjects, administer },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
