/** The webhook of the built file, over TLS, asked as an API server asks. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { once } from 'node:events';
import { connect as connectPlainly } from 'node:net';
import { connect } from 'node:tls';
import { applyPatch, type Operation } from 'fast-json-patch';
import { parse, stringify } from 'yaml';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import { type Certificate, makeAuthority, makeServerCertificate } from '#webhook/certificates.ts';
import { kubernetesApi } from './kubernetes-api.ts';
import { type AdmissionResponse, patched, pod, reviewOf } from './reviews.ts';
import { type Manifest, strictProblems } from './strict-manifest.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const WAIT_MS = 120_000;

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly child: Bun.Subprocess;
  /** What it has logged, as JSON lines. */
  log(): string;
}

const settings = [
  '--image',
  'registry.example/agent:1',
  '--api-url',
  'http://attune:8080',
  '--secret',
  'attune-worker',
];

async function webhook(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = Bun.spawn([agentFile, 'webhook', '--port', '0', ...settings, ...args], {
    env: { PATH: '/usr/bin:/bin', HOME: directory.path, ATTUNE__LOG__FORMAT: 'json', ...env },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  let log = '';
  const reading = (async () => {
    for await (const bytes of child.stderr) log += Buffer.from(bytes).toString();
  })();
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child.exited;
    await reading;
  };
  const portOf = (): string | undefined => /https:\/\/127\.0\.0\.1:(\d+)\/mutate/.exec(log)?.[1];
  await until(
    'the webhook listens',
    () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${log}`);
      return portOf() !== undefined;
    },
    WAIT_MS,
  );
  return { port: Number(portOf()), child, log: () => log, [Symbol.asyncDispose]: dispose };
}

const name = 'hook.attune.svc';
let authority: Certificate;
let served: Certificate;
beforeAll(async () => {
  authority = await makeAuthority(Date.now());
  served = await makeServerCertificate(authority, [name, 'localhost'], Date.now());
});

const files = (own: Certificate, prefix = ''): readonly string[] => [
  ...['--tls-cert', directory.file(`${prefix}tls.crt`, own.certificate)],
  ...['--tls-key', directory.file(`${prefix}tls.key`, own.key)],
];

const get = (port: number, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`https://localhost:${port}${path}`, { ...init, tls: { ca: authority.certificate } });

async function ask(port: number, review: object): Promise<AdmissionResponse> {
  const answer = await get(port, '/mutate', { method: 'POST', body: JSON.stringify(review) });
  const body = (await answer.json()) as { apiVersion: string; kind: string; response: AdmissionResponse };
  expect([answer.status, body.apiVersion, body.kind]).toEqual([200, 'admission.k8s.io/v1', 'AdmissionReview']);
  return body.response;
}

/** Whether a server on this port, called so, is trusted by an authority, and its certificate. */
async function peerOf(port: number, ca: string, servername = name): Promise<{ isTrusted: boolean; serial: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ isTrusted: boolean; serial: string }>();
  const socket = connect({ host: '127.0.0.1', port, servername, ca, rejectUnauthorized: false }, () => {
    resolve({ isTrusted: socket.authorized, serial: socket.getPeerCertificate().serialNumber });
    socket.end();
  });
  socket.on('error', reject);
  return await promise;
}

test('reviews over TLS: Pods that ask for it are patched into valid Pods, others are left alone', async () => {
  await using hook = await webhook(files(served), { ATTUNE_WEBHOOK_NAMESPACE: 'attune' });
  const asking: readonly (readonly [Readonly<Record<string, string>>, object])[] = [
    [{}, {}],
    [{ 'attune.io/sidecar': 'true' }, { command: ['serve'], ports: [{ containerPort: 80 }] }],
    [
      { 'attune.io/agent': 'image', 'attune.io/labels': 'zone=a' },
      { args: ['x'], securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true } },
    ],
  ];
  for (const [annotations, container] of asking) {
    const before = pod({ 'attune.io/inject': 'true', ...annotations }, container);
    const response = await ask(hook.port, reviewOf(before));
    expect(response).toMatchObject({
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      allowed: true,
      patchType: 'JSONPatch',
    });
    const after = patched(before, response);
    expect(strictProblems(after)).toEqual([]);
    expect(JSON.stringify(after)).toContain('/opt/attune/agent/attune-agent');
    /* Asked again, as when another webhook has changed the Pod meanwhile. */
    expect(await ask(hook.port, reviewOf(after))).toEqual({ uid: response.uid, allowed: true });
    expect(await ask(hook.port, reviewOf(before, { dryRun: true }))).toEqual(response);
  }
  const unchanged = [
    reviewOf(pod({})),
    reviewOf(pod({ 'attune.io/inject': 'true' }), { operation: 'UPDATE' }),
    reviewOf(pod({ 'attune.io/inject': 'true' }), { subResource: 'ephemeralcontainers' }),
    reviewOf(pod({ 'attune.io/inject': 'true' }), {
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    }),
    reviewOf({ spec: 'nonsense' }),
  ];
  for (const one of unchanged) expect(await ask(hook.port, one)).toEqual({ uid: expect.any(String), allowed: true });
  const refused = await ask(hook.port, reviewOf(pod({ 'attune.io/inject': 'true', 'attune.io/container': 'ap' })));
  expect(refused).toMatchObject({ allowed: true, warnings: [expect.stringContaining("did you mean 'app'?")] });
  const home = await ask(hook.port, reviewOf(pod({ 'attune.io/inject': 'true' }), { namespace: 'attune' }));
  expect([home.allowed, home.patch]).toEqual([true, undefined]);
  expect(hook.log()).toContain('"event":"injected"');
});

test('what is no review is refused with a reason, and counted; health, readiness and metrics are there', async () => {
  await using hook = await webhook(files(served));
  const post = async (body: string): Promise<readonly [number, string]> => {
    const answer = await get(hook.port, '/mutate', { method: 'POST', body });
    return [answer.status, await answer.text()];
  };
  expect(await post('{')).toEqual([400, expect.stringContaining('not JSON')]);
  expect(await post(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toEqual([400, expect.stringContaining('nested deeper')]);
  expect(await post('{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}')).toEqual([
    400,
    'not an AdmissionReview: apiVersion: apiVersion must be admission.k8s.io/v1\n',
  ]);
  /* Whoever still sends when the answer comes may see the end of the connection alone. */
  const [large] = await post(JSON.stringify('x'.repeat(9 * 1024 * 1024))).catch(() => [413]);
  expect(large).toBe(413);
  const statusOf = async (path: string, method = 'GET'): Promise<number> =>
    (await get(hook.port, path, { method })).status;
  expect(await statusOf('/healthz')).toBe(200);
  expect(await statusOf('/readyz')).toBe(200);
  expect(await statusOf('/mutate')).toBe(405);
  expect(await statusOf('/healthz', 'POST')).toBe(405);
  expect(await statusOf('/other')).toBe(404);
  const metrics = await (await get(hook.port, '/metrics')).text();
  expect(metrics).toContain('attune_webhook_reviews_total{result="malformed"} 3');
  expect(metrics).toMatch(/attune_webhook_certificate_end_timestamp_seconds \d+/);
});

test('who sends much, slowly or nonsense keeps nobody from being answered', async () => {
  await using hook = await webhook(files(served));
  const asking = pod({ 'attune.io/inject': 'true', 'attune.io/api-url': `http://${'a'.repeat(250_000)} ` });
  const { patch, warnings } = await ask(hook.port, reviewOf(asking));
  expect([patch, warnings]).toEqual([undefined, [expect.stringMatching(/api-url: 'http:.*…' has 250008 characters/)]]);
  const answers = Array.from({ length: 40 }, async () => await answerToPart(hook.port));
  expect(await ask(hook.port, reviewOf(pod({ 'attune.io/inject': 'true' })))).toMatchObject({ patchType: 'JSONPatch' });
  /* Together more than is kept: some are refused at once, the others when they are not whole in time. */
  const all = await Promise.all(answers);
  expect(hook.log()).toContain('too many bodies');
  expect(hook.log()).toContain('not whole after 10 s');
  expect(all.filter((one) => !/^(HTTP\/1\.1 (503|408)|$)/.test(one))).toEqual([]);
  const silent = Array.from({ length: 150 }, () => connectPlainly(hook.port, '127.0.0.1').on('error', () => {}));
  await Promise.all(silent.map((one) => once(one, 'connect')));
  for (let n = 0; n < 5; n++)
    expect(await ask(hook.port, reviewOf(pod({ 'attune.io/inject': 'true' })))).toMatchObject({ allowed: true });
  for (const one of silent) one.destroy();
  expect(hook.log().length).toBeLessThan(50_000);
});

/** What comes, until the connection ends, when 1.1 MB of a body of 3 MB are sent. */
async function answerToPart(port: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect({ host: '127.0.0.1', port, servername: name, rejectUnauthorized: false });
  let answer = '';
  socket
    .on('data', (bytes) => {
      answer += bytes.toString();
    })
    .on('error', () => {})
    .on('close', () => resolve());
  socket.write('POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\n\r\n');
  socket.write(Buffer.alloc(1_100_000, ' '));
  await promise;
  return answer;
}

test('a certificate that is exchanged in its files is served without a break, and at SIGTERM it leaves politely', async () => {
  await using hook = await webhook(files(served, 'live/'));
  const before = await peerOf(hook.port, authority.certificate);
  expect(before.isTrusted).toBe(true);
  const next = await makeServerCertificate(authority, [name, 'localhost'], Date.now());
  files(next, 'live/');
  await until(
    'the next certificate is served',
    async () => {
      /* No request is lost meanwhile. */
      expect(await ask(hook.port, reviewOf(pod({})))).toMatchObject({ allowed: true });
      return (await peerOf(hook.port, authority.certificate)).serial !== before.serial;
    },
    WAIT_MS,
  );
  hook.child.kill('SIGTERM');
  let status = 200;
  const statusNow = async (): Promise<number> => {
    status = await get(hook.port, '/readyz').then(
      (one) => one.status,
      () => 0,
    );
    return status;
  };
  await until('it is not ready', async () => (await statusNow()) !== 200, WAIT_MS);
  /* 0: this machine stood still for the five seconds of its farewell. */
  expect([0, 503]).toContain(status);
  const last = await ask(hook.port, reviewOf(pod({ 'attune.io/inject': 'true' }))).catch(() => undefined);
  if (last) expect(last).toMatchObject({ patchType: 'JSONPatch' });
  hook.child.kill('SIGTERM'); /* at once: within two seconds, else by force */
  expect([0, 143]).toContain(await hook.child.exited);
});

test('replicas make one certificate, keep it in a Secret and make the API server trust it, with two rights', async () => {
  using api = await kubernetesApi('secret-token');
  directory.file('account/token', 'secret-token\n');
  directory.file('account/namespace', 'attune');
  directory.file('account/ca.crt', api.authority);
  const own = ['--tls-secret', 'hook-tls', '--configuration', 'hook', '--service', 'hook'];
  const env = {
    KUBERNETES_SERVICE_HOST: 'localhost',
    KUBERNETES_SERVICE_PORT: String(api.port),
    ATTUNE_WEBHOOK_SERVICE_ACCOUNT: `${directory.path}/account`,
  };
  const hooks = await Promise.all([webhook(own, env), webhook(own, env)]);
  try {
    const peers = await Promise.all(hooks.map(({ port }) => peerOf(port, api.trusted())));
    expect(peers[0]).toEqual({ isTrusted: true, serial: peers[1]?.serial ?? '' });
    expect(Object.keys(api.secret.data ?? {}).toSorted()).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
    expect([...api.requests].toSorted()).toEqual([
      'GET /api/v1/namespaces/attune/secrets/hook-tls',
      'GET /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/hook',
      'PATCH /api/v1/namespaces/attune/secrets/hook-tls',
      'PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/hook',
    ]);
    expect(hooks.map((hook) => hook.log()).join()).not.toContain('PRIVATE KEY');
  } finally {
    for (const hook of hooks) await hook[Symbol.asyncDispose]();
  }
});

test('--test prints the patch of a Pod, or the Pod, without a server', () => {
  const { status: _, ...before } = pod({ 'attune.io/inject': 'true' });
  const file = directory.file('pod.yaml', JSON.stringify(before));
  const call = (...args: readonly string[]) => callAgent(['webhook', '--test', file, ...settings, ...args]);
  const json = call();
  expect(json).toMatchObject({ exitCode: 0, stderr: '' });
  const { newDocument } = applyPatch(structuredClone(before), JSON.parse(json.stdout) as Operation[], true);
  const yaml = call('-o', 'yaml');
  expect(parse(yaml.stdout)).toEqual(newDocument);
  expect(strictProblems(newDocument as Manifest)).toEqual([]);
  expect(callAgent(['webhook', '--test', '-', ...settings], { input: yaml.stdout })).toMatchObject({
    exitCode: 0,
    stdout: '[]\n',
  });
  expect(callAgent(['webhook', '--test', file])).toMatchObject({
    exitCode: 1,
    stdout: '[]\n',
    stderr: expect.stringContaining('attune.io/api-url, or give --api-url'),
  });
});

test('--test finds the Pods of what makes some, in every document and List of a file', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
  const { metadata, spec } = pod({ 'attune.io/inject': 'true' });
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: {} }, template: { metadata, spec } },
  };
  const unasked = { ...deployment, metadata: { name: 'plain' }, spec: { template: { metadata: {}, spec } } };
  const call = (manifests: readonly unknown[], ...args: readonly string[]) =>
    callAgent(['webhook', '--test', '-', ...settings, ...args], {
      input: manifests.map((one) => `---\n${stringify(one, { aliasDuplicateObjects: false })}`).join(''),
    });
  const one = call([deployment]);
  expect(one).toMatchObject({ exitCode: 0, stderr: '' });
  const { newDocument } = applyPatch(structuredClone(deployment), JSON.parse(one.stdout) as Operation[], true);
  expect(
    strictProblems({ ...newDocument.spec.template, apiVersion: 'v1', kind: 'Pod' } as unknown as Manifest),
  ).toEqual([]);
  const items = { apiVersion: 'v1', kind: 'List', items: [service, deployment] };
  expect(parse(call([items], '-o', 'yaml').stdout)).toEqual({ ...items, items: [service, newDocument] });
  const several = call([service, deployment, unasked]);
  expect(several.stderr).toBe(
    `note: the Pods of Deployment plain do not ask for it: put attune.io/inject: "true" into spec.template.metadata.annotations, annotations of Deployment plain itself are not read
note: without Pods, and as they were: Service web
`,
  );
  expect(JSON.parse(several.stdout)).toEqual([
    { manifest: 'Service web', patch: [] },
    { manifest: 'Deployment web', patch: JSON.parse(one.stdout) },
    { manifest: 'Deployment plain', patch: [] },
  ]);
  expect(call([service])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nothing in it makes Pods') });
  expect(call([service, { kind: 'Job', spec: {} }])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('document 2: spec.template: '),
  });
});

test('what is missing to listen is named', () => {
  const absent = ['--tls-cert', '/nonexistent/tls.crt', '--tls-key', '/nonexistent/tls.key'];
  expect(callAgent(['webhook'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('give --tls-cert and --tls-key'),
  });
  expect(callAgent(['webhook', ...absent])).toMatchObject({
    exitCode: 78,
    stderr: expect.stringContaining('/nonexistent/tls.crt'),
  });
  expect(callAgent(['webhook', '--agent', 'copy', '--user', 'root'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/--agent: 'copy'.*\n.*--user: 'root'/),
  });
});
