/** A real API server of Kubernetes on loopback, with the store that it needs, and nothing that runs Pods. */
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { freePort } from '#test/support/free-port.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import type { Manifest } from '#test/system/kubernetes/strict-manifest.ts';

/** What an API server has answered. */
interface Answer<Body = Manifest> {
  readonly status: number;
  readonly body: Body;
  /** What kubectl shows beside it. */
  readonly warnings: readonly string[];
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

export interface ApiServer extends AsyncDisposable {
  readonly port: number;
  /** The certificate by which clients know it, in PEM. */
  readonly authority: string;
  /** As somebody who may do everything. */
  readonly ask: Ask;
  /** As whoever this token belongs to. */
  askAs(token: string): Ask;
  /** Server-side apply of a manifest, in strict mode: what is unknown or there twice is refused. */
  apply(manifest: Manifest, query?: string): Promise<Answer>;
}

const WAIT_MS = 180_000;
/** The token of who may do everything. */
export const ADMIN = 'token-of-the-admin';
/** Every address of 127.0.0.0/8 is this machine: what listens at the address of a Service is reached without a kube-proxy. */
const SERVICES = '127.96.0.0/24';

/** Starts it with the programs of this directory: .ci/build-kubernetes.sh makes them. */
export async function startApiServer(programs: string): Promise<ApiServer> {
  const directory = temporaryDirectory();
  const started: Bun.Subprocess[] = [];
  const start = (name: string, args: readonly string[]): void => {
    const log = Bun.file(join(directory.path, `${name}.log`));
    started.push(Bun.spawn([join(programs, name), ...args], { stdin: 'ignore', stdout: log, stderr: log, env: {} }));
  };
  const logOf = (name: string): string => readFileSync(join(directory.path, `${name}.log`), 'utf8').slice(-3000);
  const [store, peers, port] = [freePort(), freePort(), freePort()];
  start('etcd', [
    `--data-dir=${directory.path}/etcd`,
    `--listen-client-urls=http://127.0.0.1:${store}`,
    `--advertise-client-urls=http://127.0.0.1:${store}`,
    `--listen-peer-urls=http://127.0.0.1:${peers}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peers}`,
    `--initial-cluster=default=http://127.0.0.1:${peers}`,
    '--unsafe-no-fsync',
  ]);
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const key = directory.file('accounts.key', privateKey, 0o600);
  start('kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${store}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${directory.path}`,
    `--token-auth-file=${directory.file('tokens.csv', `${ADMIN},admin,admin,system:masters\n`, 0o600)}`,
    '--authorization-mode=RBAC',
    `--service-cluster-ip-range=${SERVICES}`,
    '--endpoint-reconciler-type=none',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
  ]);
  const authority = join(directory.path, 'apiserver.crt');
  const askAs: ApiServer['askAs'] = (token) => async (method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return await askAt({ port, authority, token }, { method, path, type, ...(body === undefined ? {} : { body }) });
  };
  const ask = askAs(ADMIN);
  const dispose = async (): Promise<void> => {
    for (const one of started.toReversed()) {
      one.kill('SIGKILL');
      await one.exited;
    }
    directory[Symbol.dispose]();
  };
  try {
    await until(
      'the API server is ready',
      async () => {
        if (started.some(({ exitCode }) => exitCode !== null))
          throw new Error(`it ended:\n${logOf('etcd')}\n${logOf('kube-apiserver')}`);
        return (await ask('GET', '/readyz').catch(() => undefined))?.status === 200;
      },
      WAIT_MS,
    );
  } catch (error) {
    await dispose();
    throw error;
  }
  const apply: ApiServer['apply'] = async (manifest, query = '') => {
    const path = `${pathOf(manifest)}?fieldManager=test&fieldValidation=Strict${query}`;
    const type = 'application/apply-patch+yaml';
    return await askAt({ port, authority, token: ADMIN }, { method: 'PATCH', path, type, body: manifest });
  };
  return { port, authority: readFileSync(authority, 'utf8'), ask, askAs, apply, [Symbol.asyncDispose]: dispose };
}

interface Server {
  readonly port: number;
  /** The file of its certificate, which it makes when it starts. */
  readonly authority: string;
  readonly token: string;
}
interface Question {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body?: unknown;
}

async function askAt({ port, authority, token }: Server, { method, path, type, body }: Question): Promise<Answer> {
  const answer = await fetch(`https://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    tls: { ca: readFileSync(authority, 'utf8') },
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') === true;
  const warnings = [...(answer.headers.get('warning') ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)];
  return {
    status: answer.status,
    body: isJson ? JSON.parse(text) : { message: text },
    warnings: warnings.map(([, one = '']) => one.replaceAll('\\"', '"')),
  };
}

const clusterWide =
  /^(Namespace|ClusterRole|ClusterRoleBinding|MutatingWebhookConfiguration|CustomResourceDefinition)$/;
const irregular: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networkpolicies',
  Ingress: 'ingresses',
};

/** The path of an object of this kind and name; of all kinds that the chart and the tests have. */
function pathOf({ apiVersion, kind, metadata: { name, namespace = 'default' } }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = clusterWide.test(kind) ? '' : `/namespaces/${namespace}`;
  return `${group}${place}/${irregular[kind] ?? `${kind.toLowerCase()}s`}/${name}`;
}

/** Makes the kinds of KEDA, cert-manager and the operator of Prometheus known, and waits until they are served. */
export async function addKinds(server: ApiServer, programs: string): Promise<void> {
  for (const file of readdirSync(join(programs, 'crd')).toSorted()) {
    const documents = parseAllDocuments(readFileSync(join(programs, 'crd', file), 'utf8'));
    for (const one of documents.flatMap((document) => (document.contents === null ? [] : document.toJS()))) {
      const { status, body } = await server.apply(one);
      if (status >= 300) throw new Error(`${file}: ${body['message']}`);
      const { group, versions, names } = one.spec;
      const path = `/apis/${group}/${versions[0].name}/${names.plural}`;
      await until(`${path} is served`, async () => (await server.ask('GET', path)).status === 200, WAIT_MS);
    }
  }
}
