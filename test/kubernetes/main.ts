/**
 * The chart and the webhook on a real API server: `make test-kubernetes` builds one and runs this. The webhook runs as the
 * Deployment of the chart that the server has stored says, at the address of its Service, with a token of its service account.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import packageJson from '#package.json';
import { agentFile } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import { one, valueSets } from '#test/system/kubernetes/chart-values.ts';
import type { Manifest } from '#test/system/kubernetes/strict-manifest.ts';
import { makeServerCertificate } from '#webhook/certificates.ts';
import { ADMIN, type ApiServer, addKinds, startApiServer } from './api-server.ts';
import { startRegistry } from './registry.ts';

const [programs = '', helm = ''] = [process.env['ATTUNE_TEST_KUBERNETES'], process.env['ATTUNE_TEST_HELM']];
const WAIT_MS = 180_000;
const directory = temporaryDirectory();
let server: ApiServer;
let version = '';
let running: Bun.Subprocess | undefined;

beforeAll(async () => {
  server = await startApiServer(programs);
  version = String((await server.ask('GET', '/version')).body['gitVersion']);
  await addKinds(server, programs);
}, 600_000);

afterAll(async () => {
  running?.kill('SIGKILL');
  await running?.exited;
  await server?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

let count = 0;
function render(namespace: string, values: string): readonly Manifest[] {
  const file = directory.file(`${count++}.yaml`, values);
  const chart = join(projectRoot, 'charts/attune-agent');
  const options = ['--namespace', namespace, '--kube-version', version, '--values', file];
  const { exitCode, stdout, stderr } = call([helm, 'template', 'release', chart, ...options], {
    env: { PATH: '/usr/bin:/bin', HOME: directory.path },
  });
  if (exitCode !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)
    .flatMap((document) => (document.contents === null ? [] : (document.toJS() as Manifest)))
    .map((manifest) => ({ ...manifest, metadata: { namespace, ...manifest.metadata } }));
}

/** A namespace with the service account that a controller would make. */
async function namespaced(name: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  await must({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await must({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } });
  return name;
}

async function must(manifest: Manifest): Promise<Manifest> {
  const { status, body } = await server.apply(manifest);
  if (status >= 300) throw new Error(`${manifest.kind} ${manifest.metadata.name}: ${body['message']}`);
  return body;
}

for (const [name, values] of Object.entries(valueSets))
  test(`the API server takes every manifest of the chart: ${name}`, async () => {
    const namespace = await namespaced(`values-${count}`);
    const manifests = render(namespace, values);
    expect(manifests.length).toBeGreaterThan(1);
    const refused: unknown[] = [];
    for (const manifest of manifests) {
      const { status, body, warnings } = await server.apply(manifest);
      if (status >= 300 || warnings.length > 0)
        refused.push({ kind: manifest.kind, name: manifest.metadata.name, message: body['message'], warnings });
      /* The webhooks of other tests would be asked about Pods too. */
      if (manifest.kind === 'MutatingWebhookConfiguration')
        await server.ask(
          'DELETE',
          `/apis/${manifest.apiVersion}/mutatingwebhookconfigurations/${manifest.metadata.name}`,
        );
    }
    expect(refused).toEqual([]);
  });

test('the chart is pushed to a registry by push-chart, and installed from it', async () => {
  const namespace = await namespaced('pushed');
  await using registry = await startRegistry(programs);
  const packaged = call([helm, 'package', join(projectRoot, 'charts/attune-agent'), '--destination', directory.path]);
  expect(packaged.exitCode, packaged.stderr).toBe(0);
  const charts = `oci://127.0.0.1:${registry.port}/charts`;
  const env = {
    PATH: `${dirname(helm)}:${process.env['PATH']}`,
    HOME: directory.path,
    ATTUNE_RELEASE_DIR: directory.path,
  };
  const push = (...made: readonly string[]): Call =>
    call(['.ci/push-chart.sh', charts, ...made], { cwd: projectRoot, env });
  expect(push()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('HTTPS') });
  expect(push('--plain-http')).toMatchObject({ exitCode: 0 });
  const values = directory.file('pushed.yaml', `existingSecret: attune\nworkers: [${one}]`);
  const place = ['--namespace', namespace, '--values', values, '--plain-http', '--version', packageJson.version];
  const installed = helmHere('install', 'release', `${charts}/attune-agent`, ...place);
  expect(installed.exitCode, installed.stderr).toBe(0);
  const deployment = await server.ask(
    'GET',
    `/apis/apps/v1/namespaces/${namespace}/deployments/release-attune-agent-python`,
  );
  expect(deployment.status).toBe(200);
});

/** Helm as it speaks to this server. Its hooks are Jobs, which nothing here runs. */
function helmHere(...args: readonly string[]): Call {
  const certificate = Buffer.from(server.authority).toString('base64');
  const cluster = { server: `https://127.0.0.1:${server.port}`, 'certificate-authority-data': certificate };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'here', cluster }],
    users: [{ name: 'admin', user: { token: ADMIN } }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'admin' } }],
  };
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: directory.path,
    KUBECONFIG: directory.file('config', JSON.stringify(config), 0o600),
  };
  return call([helm, ...args, '--no-hooks'], { env });
}

test('helm upgrade brings a release of 0.1.0 to this chart: objects keep their names, and values that are left out are named', async () => {
  const namespace = await namespaced('upgrade');
  const [before, after] = [join(import.meta.dir, 'chart-0.1.0'), join(projectRoot, 'charts/attune-agent')];
  const values = directory.file(
    'upgrade.yaml',
    `existingSecret: attune\nserver: { enabled: true }\nsecrets: { worker: token }\nworkers: [${one}]`,
  );
  const old = directory.file('old.yaml', `existingSecret: attune\nserver: { enabled: true }\nworkers: [${one}]`);
  const place = ['--namespace', namespace];
  const must = (...args: readonly string[]): void => {
    const { exitCode, stderr } = helmHere(...args, ...place);
    expect([exitCode, stderr.includes('Error')], stderr).toEqual([0, false]);
  };
  must('install', 'release', before, '--values', old);
  const uids = async (): Promise<readonly string[]> => {
    const list = await server.ask('GET', `/apis/apps/v1/namespaces/${namespace}/deployments`);
    return (list.body['items'] as readonly Manifest[]).map(({ metadata }) => `${metadata.name} ${metadata['uid']}`);
  };
  const made = await uids();
  expect(made).toHaveLength(2);
  const reused = helmHere('upgrade', 'release', after, '--reuse-values', ...place);
  expect(reused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/missing propert/) });
  must('upgrade', 'release', after, '--reset-then-reuse-values');
  expect(await uids()).toEqual(made);
  must('upgrade', 'release', after, '--values', values);
  expect(await uids()).toEqual(made);
  must('uninstall', 'release');
});

test('the server refuses what is misspelt, so that what it takes says something', async () => {
  const [deployment] = render('default', `existingSecret: attune\nworkers: [${one}]`).filter(
    ({ kind }) => kind === 'Deployment',
  );
  const misspelt = JSON.parse(JSON.stringify(deployment).replace('"volumeMounts"', '"volumesMounts"')) as Manifest;
  expect(await server.apply(misspelt)).toMatchObject({
    status: 500,
    body: { message: expect.stringContaining('volumesMounts: field not declared in schema') },
  });
});

const HOME = 'attune';
const NAME = 'release-attune-agent-webhook';
const configurationPath = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${HOME}-${NAME}`;
const secretPath = `/api/v1/namespaces/${HOME}/secrets/${NAME}-tls`;

/** A Pod called NAMESPACE/NAME. */
function pod(place: string, annotations: Readonly<Record<string, string>>, container: object = {}): Manifest {
  const [namespace = '', name = ''] = place.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, annotations },
    spec: { containers: [{ name: 'app', image: 'python:3.12-slim', ...container }] },
  };
}
const podsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
const create = async (manifest: Manifest, query = '') =>
  await server.ask('POST', `${podsOf(String(manifest.metadata['namespace']))}${query}`, manifest);

const asks = { 'attune.io/inject': 'true' };
const isInjected = ({ metadata }: Partial<Manifest>): boolean =>
  (metadata?.['annotations'] as Record<string, string> | undefined)?.['attune.io/injected'] === 'true';

interface Stored {
  readonly containers: readonly { readonly command?: readonly string[]; readonly env?: readonly object[] }[];
  readonly initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[];
  readonly volumes: readonly { readonly name: string; readonly image?: object }[];
}
const specOf = (stored: Manifest): Stored => stored['spec'] as Stored;

async function installWebhook(more = ''): Promise<void> {
  for (const manifest of render(HOME, `webhook: { enabled: true${more} }`)) await must(manifest);
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [{ args: readonly string[]; env: readonly { name: string; value: string }[] }];
      };
    };
  };
}

let address = '';
let log = '';
/** Starts the built file as the Deployment says, at the address of the Service. */
async function startWebhook(): Promise<void> {
  const deployment = (await server.ask('GET', `/apis/apps/v1/namespaces/${HOME}/deployments/${NAME}`))
    .body as unknown as Deployment;
  const [{ args, env }] = deployment.spec.template.spec.containers;
  const service = (await server.ask('GET', `/api/v1/namespaces/${HOME}/services/${NAME}`)).body['spec'] as {
    clusterIP: string;
    ports: readonly [{ port: number }];
  };
  address = service.clusterIP;
  const account = join(directory.path, 'account');
  const token = await server.ask('POST', `/api/v1/namespaces/${HOME}/serviceaccounts/${NAME}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  mkdirSync(account, { recursive: true });
  directory.file('account/token', (token.body['status'] as { token: string }).token);
  directory.file('account/namespace', HOME);
  directory.file('account/ca.crt', server.authority);
  const child = Bun.spawn([agentFile, ...args.slice(0, -1), String(service.ports[0].port)], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: directory.path,
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      ATTUNE__SERVER__HOST: address,
      ATTUNE_WEBHOOK_SERVICE_ACCOUNT: account,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(server.port),
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  running = child;
  log = '';
  void (async () => {
    for await (const bytes of child.stderr) log += Buffer.from(bytes).toString();
  })();
  await until(
    'the webhook listens and the API server asks it',
    async () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${log}`);
      return isInjected((await create(pod('team/try', asks), '?dryRun=All')).body);
    },
    WAIT_MS,
  ).catch((error: unknown) => {
    throw new Error(`${error}\n${log}`, { cause: error });
  });
}

async function stopWebhook(): Promise<void> {
  running?.kill('SIGKILL');
  await running?.exited;
}

const ownNamespaces = ['team', 'locked', 'plain'] as const;
beforeAll(async () => {
  await namespaced(HOME);
  for (const name of ownNamespaces)
    await namespaced(name, name === 'locked' ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {});
  await installWebhook();
  await startWebhook();
}, 600_000);

test('a Pod that asks for it is stored as a worker, and one that does not is stored as it is', async () => {
  const made = await create(pod('team/worker', asks, { command: ['serve'] }));
  expect([made.status, made.warnings]).toEqual([
    201,
    ['in the container app the agent is started instead of its command'],
  ]);
  const stored = (await server.ask('GET', `${podsOf('team')}/worker`)).body;
  expect(isInjected(stored)).toBe(true);
  const { containers, initContainers = [], volumes } = specOf(stored);
  expect(containers[0]).toMatchObject({
    command: ['/opt/attune/agent/attune-agent'],
    image: 'python:3.12-slim',
    env: expect.arrayContaining([
      { name: 'ATTUNE_API_URL', value: 'http://release-attune-agent-server.attune.svc:8080' },
    ]),
  });
  expect(initContainers).toMatchObject([{ args: ['install', '/opt/attune/agent'] }]);
  expect(volumes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ secret: expect.objectContaining({ secretName: 'attune-worker' }) }),
    ]),
  );
  await create(pod('team/plain', {}, { command: ['serve'] }));
  const plain = specOf((await server.ask('GET', `${podsOf('team')}/plain`)).body);
  expect([plain.containers[0]?.command, plain.initContainers]).toEqual([['serve'], undefined]);
});

test('what is stored is injected once: asked for again, it is stored the same', async () => {
  const stored = (await server.ask('GET', `${podsOf('team')}/worker`)).body;
  const { annotations, labels } = stored.metadata as { annotations?: object; labels?: object };
  const again = await create({
    ...stored,
    metadata: { name: 'again', namespace: 'team', ...(annotations && { annotations }), ...(labels && { labels }) },
  });
  expect(again.status).toBe(201);
  expect(again.body['spec']).toEqual(stored['spec']);
});

test('a dry run shows the worker and stores nothing', async () => {
  const { status, body } = await create(pod('team/dry', asks), '?dryRun=All');
  expect([status, isInjected(body)]).toEqual([201, true]);
  expect((await server.ask('GET', `${podsOf('team')}/dry`)).status).toBe(404);
});

test('a native sidecar and an image volume are what this version takes', async () => {
  const sidecar = await create(pod('team/sidecar', { ...asks, 'attune.io/sidecar': 'true' }, { command: ['serve'] }));
  expect(sidecar).toMatchObject({ status: 201, warnings: [] });
  const { containers, initContainers = [] } = specOf(sidecar.body);
  expect(containers[0]?.command).toEqual(['serve']);
  expect(initContainers.map((init) => init.restartPolicy)).toContain('Always');
  const mounted = await create(pod('team/mounted', { ...asks, 'attune.io/agent': 'image' }));
  expect(mounted).toMatchObject({ status: 201, warnings: [] });
  expect(specOf(mounted.body).volumes.filter(({ image }) => image !== undefined)).toHaveLength(1);
});

test('a Pod that obeys the policy restricted obeys it as a worker', async () => {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const { status, body } = await create(pod('locked/locked', asks, { securityContext }));
  expect([status, body['message'], isInjected(body)]).toEqual([201, undefined, true]);
});

test('what is wrong is a warning of the API server, and the Pod is stored as it is', async () => {
  const { status, body, warnings } = await create(pod('team/wrong', { ...asks, 'attune.io/container': 'ap' }));
  expect([status, isInjected(body), warnings]).toEqual([201, false, [expect.stringContaining("did you mean 'app'?")]]);
});

test('the webhook is not asked about its own namespace and those of the system, nor about Pods that do not ask', async () => {
  const reviews = async (): Promise<string> => {
    const answer = await fetch(`https://${address}:443/metrics`, { tls: { rejectUnauthorized: false } });
    return (await answer.text())
      .split('\n')
      .filter((line) => line.startsWith('attune_webhook_reviews_total'))
      .join();
  };
  const before = await reviews();
  expect(before).toContain('injected');
  await must({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'kube-system' },
  });
  for (const namespace of [HOME, 'kube-system']) {
    const { status, body } = await create(pod(`${namespace}/home`, asks));
    expect([namespace, status, isInjected(body)]).toEqual([namespace, 201, false]);
  }
  expect(await create(pod('team/silent', {}))).toMatchObject({ status: 201 });
  expect(await reviews()).toBe(before);
});

test('its service account may do two things: another Secret and another configuration are refused', async () => {
  const token = await Bun.file(join(directory.path, 'account/token')).text();
  const status = async (method: string, path: string, body?: object): Promise<number> =>
    (await server.askAs(token)(method, path, body)).status;
  expect(await status('GET', secretPath)).toBe(200);
  expect(await status('GET', configurationPath)).toBe(200);
  for (const [method, path] of [
    ['GET', `/api/v1/namespaces/${HOME}/secrets/release-attune-agent-server`],
    ['GET', `/api/v1/namespaces/${HOME}/secrets`],
    ['GET', '/api/v1/namespaces/team/secrets'],
    ['DELETE', secretPath],
    ['GET', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'],
    ['DELETE', configurationPath],
    ['GET', podsOf('team')],
  ] as const)
    expect([path, await status(method, path)]).toEqual([path, 403]);
});

test('a certificate that ends soon is exchanged while the webhook runs, without a Pod that is not injected', async () => {
  const read = async (): Promise<Record<string, string>> => {
    const { data } = (await server.ask('GET', secretPath)).body as unknown as { data: Record<string, string> };
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  };
  const kept = await read();
  const authority = { certificate: kept['ca.crt'] ?? '', key: kept['ca.key'] ?? '' };
  const names = [`${NAME}.${HOME}.svc`, `${NAME}.${HOME}.svc.cluster.local`];
  const old = await makeServerCertificate(authority, names, Date.now() - 65 * 86_400_000);
  const data = { 'tls.crt': old.certificate, 'tls.key': old.key };
  await server.ask('PATCH', secretPath, {
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  });
  const logged = log.length;
  await until(
    'the certificate is exchanged',
    async () => {
      const { status, body } = await create(pod('team/while', asks), '?dryRun=All');
      expect([status, isInjected(body)]).toEqual([201, true]);
      return log.slice(logged).includes('new certificate');
    },
    WAIT_MS,
  );
  const renewed = await read();
  expect([renewed['ca.crt'] === kept['ca.crt'], renewed['tls.crt'] === old.certificate]).toEqual([true, false]);
}, 300_000);

test('an upgrade of the release leaves the API server trusting the webhook', async () => {
  await installWebhook(', timeoutSeconds: 7');
  const { webhooks } = (await server.ask('GET', configurationPath)).body as unknown as {
    webhooks: readonly [{ timeoutSeconds: number; clientConfig: { caBundle?: string } }];
  };
  expect(webhooks[0].timeoutSeconds).toBe(7);
  expect(webhooks[0].clientConfig.caBundle).toBeTruthy();
  expect(isInjected((await create(pod('team/upgraded', asks))).body)).toBe(true);
});

test('when nobody answers, a Pod is stored as it is; with failurePolicy Fail it is refused, with the name of the webhook', async () => {
  await stopWebhook();
  const { status, body } = await create(pod('team/alone', asks));
  expect([status, isInjected(body)]).toEqual([201, false]);
  await installWebhook(', failurePolicy: Fail');
  await until(
    'the other policy is in force',
    async () => (await create(pod('team/refused', asks), '?dryRun=All')).status !== 201,
    WAIT_MS,
  );
  expect(await create(pod('team/refused', asks))).toMatchObject({
    status: 500,
    body: { message: expect.stringContaining('webhook.attune.io') },
  });
  expect((await create(pod('team/quiet', {}))).status).toBe(201);
  await startWebhook();
  expect(isInjected((await create(pod('team/refused', asks))).body)).toBe(true);
}, 300_000);
