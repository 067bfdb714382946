/** The Helm chart, rendered by the real Helm, checked as strictly as an API server would. */
import { afterAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import postgres from 'postgres';
import { parseAllDocuments } from 'yaml';
import packageJson from '#package.json';
import { callAgent } from '#test/support/agent.ts';
import { helm } from '#test/support/helm.ts';
import { projectRoot } from '#test/support/project.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { everything, one, valueSets } from './chart-values.ts';
import { type Manifest, strictProblems } from './strict-manifest.ts';

const charts = resolve(projectRoot, 'charts');
const chart = join(charts, 'attune-agent');
const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

let count = 0;
function render(values: string): readonly Manifest[] {
  const { exitCode, stdout, stderr } = helm(
    'template',
    'release',
    chart,
    '--values',
    directory.file(`${count++}.yaml`, values),
  );
  if (exitCode !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).flatMap((document) =>
    document.contents === null ? [] : (document.toJS() as Manifest),
  );
}

interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly [Container];
  readonly volumes?: readonly { readonly name: string }[];
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly runtimeClassName?: string;
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: { readonly matchLabels: object } }[];
}
interface Container {
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly resources: object;
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly readOnly?: boolean }[];
}

function podOf(manifests: readonly Manifest[], name: string): PodSpec {
  const found = manifests.find((manifest) => manifest.kind === 'Deployment' && manifest.metadata.name === name);
  if (!found) throw new Error(`no Deployment ${name}`);
  return (found['spec'] as { template: { spec: PodSpec } }).template.spec;
}

const variables = ({ containers: [container] }: PodSpec): Readonly<Record<string, unknown>> =>
  Object.fromEntries(container.env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));

for (const [name, values] of Object.entries(valueSets))
  test(`${name}: Helm lints and renders it, every manifest is valid`, () => {
    const linted = helm('lint', '--strict', chart, '--values', directory.file('lint.yaml', values));
    expect(linted.exitCode, linted.stdout + linted.stderr).toBe(0);
    const manifests = render(values);
    expect(manifests.length).toBeGreaterThan(1);
    expect(manifests.flatMap(strictProblems)).toEqual([]);
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).toEqual([...new Set(names)]);
  });

test('the checker itself sees unknown fields, wrong types and what is missing', () => {
  const [deployment] = render(valueSets['one worker'] ?? '').filter(({ kind }) => kind === 'Deployment');
  const text = JSON.stringify(deployment);
  const problemsOf = (changed: string): string => strictProblems(JSON.parse(changed) as Manifest).join('; ');
  expect(problemsOf(text)).toBe('');
  expect(problemsOf(text.replace('"volumeMounts"', '"volumesMounts"'))).toContain('volumesMounts: unknown field');
  expect(problemsOf(text.replace('"replicas":1', '"replicas":"1"'))).toContain('replicas must be integer');
  expect(problemsOf(text.replace('"selector"', '"selektor"'))).toMatch(
    /must have required property 'selector'.*selektor: unknown field|required property selector/,
  );
  expect(problemsOf(text.replace('"Deployment"', '"Deplyoment"'))).toContain('no such kind');
});

test('a pod is locked down, drains before it is killed, and takes the agent from a volume that it cannot write', () => {
  const manifests = render(everything);
  const pod = podOf(manifests, 'release-attune-agent-node');
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 135,
    runtimeClassName: 'gvisor',
    securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [{ image: 'registry.example/attune-agent:1', args: ['install', '/agent'] }],
  });
  const locked = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  for (const container of [...(pod.initContainers ?? []), ...pod.containers])
    expect(container.securityContext).toEqual(locked);
  const [worker] = pod.containers;
  expect(worker).toMatchObject({
    command: ['/agent/attune-agent'],
    resources: { limits: { memory: '2Gi' }, requests: { cpu: '100m', memory: '256Mi' } },
    readinessProbe: { exec: { command: ['/agent/attune-agent', 'health'] } },
    livenessProbe: { exec: { command: ['/agent/attune-agent', 'health', '--alive'] } },
  });
  expect(worker.volumeMounts.find((mount) => mount.name === 'agent')?.readOnly).toBe(true);
});

test('a spread is about the Pods that it stands with, and a selector of the values wins', () => {
  const spread = 'topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway';
  const manifests = render(
    `server: { ${spread} }] }\nwebhook: { enabled: true, ${spread} }] }\nworkers: [{ name: a, image: b, ${spread} }] }, { name: c, image: d, ${spread}, labelSelector: { matchLabels: { q: r } } }] }]`,
  );
  const selectorOf = (name: string): unknown => {
    const { topologySpreadConstraints } = podOf(manifests, `release-attune-agent-${name}`);
    return topologySpreadConstraints?.[0]?.labelSelector.matchLabels;
  };
  const instance = { 'app.kubernetes.io/instance': 'release' };
  expect(['server', 'webhook', 'a', 'c'].map(selectorOf)).toEqual([
    { ...instance, 'app.kubernetes.io/component': 'server' },
    { ...instance, 'app.kubernetes.io/component': 'webhook' },
    { ...instance, 'attune.io/worker': 'a' },
    { q: 'r' },
  ]);
});

test('settings of a worker become those of the agent, and the agent accepts them', () => {
  const pod = podOf(render(everything), 'release-attune-agent-python');
  const found = variables(pod);
  expect(found).toMatchObject({
    ATTUNE_WORKER_RUNTIMES: 'python,shell',
    ATTUNE__WORKER__LABELS: 'gpu=true,zone=a',
    ATTUNE__WORKER__TAINTS: 'dedicated=ml:no_schedule',
    ATTUNE__WORKER__EPHEMERAL: 'true',
    ATTUNE_WORKER_NAME: { fieldRef: { fieldPath: 'metadata.name' } },
    ATTUNE_API_TOKEN_FILE: '/run/secrets/attune/api-token',
    ATTUNE__WORKER__INLINE: 'false',
    ATTUNE_API_URL: 'http://release-attune-agent-server:80',
  });
  expect(Object.keys(found).join()).not.toMatch(/DATABASE|MESSAGE_QUEUE|ENCRYPTION/);
  const plain = Object.entries(found).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && !entry[0].endsWith('_FILE'),
  );
  const { exitCode, stdout, stderr } = callAgent(['--print-config'], {
    env: { PATH: '/bin', ...Object.fromEntries(plain) },
  });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('ephemeral: true');
});

/** The text of the manifests of a kind whose names contain something. */
const textOf = (manifests: readonly Manifest[], kind: string, name = ''): string =>
  JSON.stringify(manifests.filter((one) => one.kind === kind && one.metadata.name.includes(name)));

test('without values there is a whole system, in which each role has its own secret and reaches what it needs', () => {
  const manifests = render(valueSets['a whole system'] ?? '');
  const secretsOf = (text: string): readonly string[] =>
    [...new Set(text.match(/attune-agent-(database|server|broker|worker)(?="[,}])/g))].toSorted();
  expect(secretsOf(textOf(manifests, 'Deployment', '-python'))).toEqual(['attune-agent-worker']);
  expect(
    secretsOf(
      textOf(manifests, 'Deployment', '-server').replaceAll('"name":"release-attune-agent-server","labels"', ''),
    ),
  ).toEqual(['attune-agent-server']);
  expect(secretsOf(textOf(manifests, 'StatefulSet', 'postgresql'))).toEqual(['attune-agent-database']);
  expect(secretsOf(textOf(manifests, 'StatefulSet', 'rabbitmq'))).toEqual(['attune-agent-broker']);
  const values = JSON.parse(textOf(manifests, 'Secret')) as readonly {
    metadata: { name: string };
    stringData: Record<string, string>;
  }[];
  const secret = (name: string): Record<string, string> =>
    values.find((one) => one.metadata.name.endsWith(name))?.stringData ?? {};
  expect(Object.keys(secret('-worker'))).toEqual(['api-token']);
  expect(secret('-worker')['api-token']).toMatch(/^att_[A-Za-z0-9]{43}$/);
  expect(new URL(secret('-server')['database-url'] ?? '')).toMatchObject({
    username: 'attune_control',
    password: secret('-server')['password'],
    host: 'release-attune-agent-postgresql:5432',
  });
  expect(secret('-broker')['20-attune.conf']).toContain(
    `default_pass = ${new URL(secret('-server')['message-queue-url'] ?? '').password}`,
  );
  const job = textOf(manifests, 'Job');
  expect(job).toContain(
    '"args":["provision","--server-login","/run/secrets/server/database-url","--worker-token","/run/secrets/worker/api-token"]',
  );
  expect(job).not.toContain('encryption-key');
  const policy = (name: string): unknown =>
    (JSON.parse(textOf(manifests, 'NetworkPolicy', name)) as readonly { spec: object }[])[0]?.spec;
  const dns = {
    ports: [
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ],
    to: [{ namespaceSelector: {} }, { ipBlock: { cidr: '169.254.20.10/32' } }],
  };
  expect(policy('-workers')).toMatchObject({
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [
      dns,
      {
        ports: [{ port: 'http' }],
        to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'server' } } }],
      },
    ],
  });
  expect(policy('-server')).toMatchObject({
    egress: [dns, { ports: [{ port: 5432 }, { port: 5671 }, { port: 5672 }] }],
  });
});

test('workers of a server elsewhere reach its port anywhere but where clouds tell machines who they are', () => {
  const manifests = render(`apiUrl: http://attune.example.org\nsecrets: { worker: token }\nworkers: [${one}]`);
  const policy = textOf(manifests, 'NetworkPolicy', '-workers');
  expect(policy).toContain(
    '"ports":[{"port":80,"protocol":"TCP"}],"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["169.254.0.0/16"]}}',
  );
  expect(policy).toContain('{"namespaceSelector":{}}');
});

test('what a job provisions and what a server gets is what the agent takes', () => {
  const manifests = render(valueSets['a whole system'] ?? '');
  const [job] = JSON.parse(textOf(manifests, 'Job')) as readonly {
    spec: { template: { spec: { containers: { args: string[] }[] } } };
  }[];
  const args = job?.spec.template.spec.containers[0]?.args ?? [];
  expect(callAgent([...args, '--help'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('--worker-token'),
  });
  const server = variables(podOf(manifests, 'release-attune-agent-server'));
  const plain = Object.entries(server).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const printed = callAgent(['--print-config'], { env: { PATH: '/bin', ...Object.fromEntries(plain) } });
  expect(printed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(printed.stdout).toContain('public_url: http://release-attune-agent-server:8080');
});

test('values of 0.1.0 make the same objects under the same names and selectors, with less for each to have', () => {
  const before: Readonly<Record<string, readonly [string, string]>> = {
    everything: [everything, 'Deployment/-node Deployment/-python Deployment/-server'],
    direct: [valueSets['one worker'] ?? '', 'Deployment/-python'],
  };
  for (const [name, [values, expected]] of Object.entries(before)) {
    const manifests = render(values);
    const deployments = manifests.filter((one) => one.kind === 'Deployment');
    const found = deployments.map(
      ({ kind, metadata }) => `${kind}/${metadata.name.replace('release-attune-agent', '')}`,
    );
    expect([name, found.toSorted().join(' ')]).toEqual([name, expected]);
    for (const one of deployments) {
      const { selector } = one['spec'] as { selector: { matchLabels: object } };
      const part = one.metadata.name.replace('release-attune-agent-', '');
      expect(selector.matchLabels).toEqual({
        'app.kubernetes.io/instance': 'release',
        ...(part === 'server' ? { 'app.kubernetes.io/component': 'server' } : { 'attune.io/worker': part }),
      });
    }
    expect(manifests.filter(({ kind }) => kind === 'StatefulSet' || kind === 'PersistentVolumeClaim')).toEqual([]);
    expect(textOf(manifests, 'Deployment', '-python')).not.toContain('encryption-key');
  }
  expect(variables(podOf(render(valueSets['one worker'] ?? ''), 'release-attune-agent-python'))).toMatchObject({
    ATTUNE__DATABASE__URL_FILE: '/run/secrets/attune/database-url',
    ATTUNE__MESSAGE_QUEUE__URL_FILE: '/run/secrets/attune/message-queue-url',
  });
  const jobs = render(everything)
    .filter(({ kind }) => kind === 'Job')
    .map(({ metadata }) => [metadata.name, Boolean(metadata['annotations'])]);
  expect(jobs).toEqual([
    ['release-attune-agent-provision-1', false],
    ['release-attune-agent-migrate-1', true],
  ]);
});

test('a webhook keeps out of its own namespace, may do two things, and has the settings that the agent takes', () => {
  const manifests = render(valueSets['a webhook'] ?? '');
  const name = 'release-attune-agent-webhook';
  const [configuration] = JSON.parse(textOf(manifests, 'MutatingWebhookConfiguration')) as readonly {
    webhooks: readonly object[];
  }[];
  expect(configuration?.webhooks).toEqual([
    expect.objectContaining({
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      clientConfig: { service: { name, namespace: 'default', path: '/mutate', port: 443 } },
      namespaceSelector: {
        matchExpressions: [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: ['default', 'kube-system', 'kube-node-lease'],
          },
        ],
      },
    }),
  ]);
  const rules = ['Role', 'ClusterRole'].flatMap((kind) =>
    (JSON.parse(textOf(manifests, kind)) as readonly { rules: readonly object[] }[]).flatMap((one) => one.rules),
  );
  expect(rules).toEqual([
    { apiGroups: [''], resources: ['secrets'], resourceNames: [`${name}-tls`], verbs: ['get', 'patch'] },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['mutatingwebhookconfigurations'],
      resourceNames: [`default-${name}`],
      verbs: ['get', 'patch'],
    },
  ]);
  const env = Object.fromEntries(
    Object.entries(variables(podOf(manifests, name))).filter(
      (one): one is [string, string] => typeof one[1] === 'string',
    ),
  );
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { 'attune.io/inject': 'true' } },
    spec: { containers: [{ name: 'app' }] },
  };
  const tested = callAgent(['webhook', '--test', '-'], { env: { PATH: '/bin', ...env }, input: JSON.stringify(pod) });
  expect(tested).toMatchObject({ exitCode: 0, stderr: '' });
  expect(tested.stdout).toContain('http://release-attune-agent-server.default.svc:8080');
  const managed = render(valueSets['a webhook with cert-manager'] ?? '');
  expect(textOf(managed, 'MutatingWebhookConfiguration')).toContain(
    `"cert-manager.io/inject-ca-from":"default/${name}"`,
  );
  expect(textOf(managed, 'MutatingWebhookConfiguration')).toContain(
    '{"key":"a","operator":"Exists"},{"key":"kubernetes.io/metadata.name"',
  );
  expect(managed.filter(({ kind }) => kind.endsWith('Role') || kind === 'Secret')).toEqual([]);
  expect(podOf(managed, name)).toMatchObject({ automountServiceAccountToken: false, volumes: [{ name: 'tls' }] });
  expect(variables(podOf(managed, name))).toMatchObject({
    ATTUNE_WEBHOOK_USER: 'any',
    ATTUNE_WEBHOOK_PULL_SECRETS: 'pull',
  });
});

test('the image volume needs no init container', () => {
  const pod = podOf(render(valueSets['image volume'] ?? ''), 'release-attune-agent-python');
  expect(pod.initContainers).toBeUndefined();
  expect(pod.volumes).toContainEqual({
    name: 'agent',
    image: { reference: `attune-agent:${packageJson.version}`, pullPolicy: 'IfNotPresent' },
  } as never);
});

const refusals: Readonly<Record<string, readonly [string, RegExp]>> = {
  'workers of a server elsewhere without a token': [
    `apiUrl: https://attune.example.org\nworkers: [{ name: a, image: b }]`,
    /secrets\.worker: name a Secret with the key api-token/,
  ],
  'a secret that would be ignored': [
    'secrets: { migrate: mine }',
    /secrets\.server: secrets\.migrate alone would be ignored/,
  ],
  'workers with the login of the server': [
    'existingSecret: attune\nserver: { enabled: true }\nworkerConnection: direct\nworkers: [{ name: a, image: b }]',
    /secrets\.worker: with workerConnection=direct beside a server, workers would get the login of the server/,
  ],
  'workers that speak to the database and broker of the chart': [
    'workerConnection: direct\nworkers: [{ name: a, image: b }]',
    /secrets\.worker: with workerConnection=direct beside a server/,
  ],
  'workers with the login of a server whose Secret is its own': [
    'secrets: { server: control, migrate: owner }\nserver: { enabled: true }\nworkerConnection: direct',
    /secrets\.worker: with workerConnection=direct beside a server/,
  ],
  'workers with the Secret of the server under their name': [
    'existingSecret: attune\nsecrets: { worker: attune }\nserver: { enabled: true }\nworkerConnection: direct',
    /secrets\.worker: with workerConnection=direct beside a server/,
  ],
  'workers without any server': ['server: { enabled: false }', /apiUrl: workers need the address of a server/],
  'several servers on one volume': ['server: { replicas: 2 }', /accessModes: several servers share one volume/],
  'a name that is there twice': [
    'workers: [{ name: a, image: b }, { name: a, image: c }]',
    /the name a is there twice/,
  ],
  'a digest that is none': ['agent: { digest: latest }', /'latest' does not match pattern/],
  'a tag within the repository': ['image: { repository: "attune-agent:1" }', /repository.*does not match pattern/],
  'a tag that YAML reads as a number': ['image: { tag: 0.1 }', /\/image\/tag': got number, want string/],
  'nothing instead of workers': ['workers:', /missing property 'workers'/],
  'nothing instead of the server': ['server:', /missing property 'server'/],
  'nothing for a port': ['server: { service: { port: null } }', /missing property 'port'/],
  'a worker that is nothing': ['workers: [null]', /\/workers\/0': got null, want object/],
  'a label that YAML reads as a truth': [
    'workers: [{ name: a, image: b, podLabels: { gpu: true } }]',
    /podLabels\/gpu': got boolean, want null or string/,
  ],
  'a variable whose value is a number': [
    'server: { env: [{ name: A, value: 1 }] }',
    /env\/0\/value': got number, want null or string/,
  ],
  'an ingress without a host': ['server: { ingress: { enabled: true } }', /server\.ingress\.hosts: name a host/],
  'an unknown key': [
    `existingSecret: a\nworkers: [{ name: a, image: b, imagee: c }]`,
    /additional properties 'imagee' not allowed/,
  ],
  'an unknown key at the top': ['existingSecret: a\nworker: []', /additional properties 'worker' not allowed/],
  'no image': ['existingSecret: a\nworkers: [{ name: a }]', /missing property 'image'/],
  'a name that is none': ['existingSecret: a\nworkers: [{ name: A_b, image: c }]', /'A_b' does not match pattern/],
  'both replicas and autoscaling': [
    'existingSecret: a\nworkers: [{ name: a, image: b, replicas: 1, autoscaling: { maxReplicas: 2 } }]',
    /workers: a has both replicas and autoscaling: keep one/,
  ],
  'an effect of Kubernetes': [
    'existingSecret: a\nworkers: [{ name: a, image: b, taints: [{ key: a, effect: NoSchedule }] }]',
    /one of 'no_schedule', 'prefer_no_schedule'/,
  ],
  'a runtime that would break out of the query': [
    `existingSecret: a\nworkers: [{ name: a, image: b, runtimes: ["x') OR 1=1"], autoscaling: { maxReplicas: 1 } }]`,
    /does not match pattern/,
  ],
  'another way to inject': ['existingSecret: a\nagent: { inject: sidecar }', /one of 'init', 'image'/],
  'text for a number': [
    'existingSecret: a\nworkers: [{ name: a, image: b, replicas: "2" }]',
    /got string, want integer/,
  ],
};
for (const [name, [values, reason]] of Object.entries(refusals))
  test(`refused: ${name}`, () => {
    expect(() => render(values)).toThrow(reason);
  });

test('no secret is in any manifest but Secrets', () => {
  const text = JSON.stringify(
    [everything, valueSets['a whole system'] ?? ''].flatMap(render).filter(({ kind }) => kind !== 'Secret'),
  );
  expect(text).not.toMatch(/postgres:\/\/|amqp:\/\/|att_/);
});

test('the chart and its app have the version of the package', () => {
  const { version, appVersion } = Bun.YAML.parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as {
    version: string;
    appVersion: string;
  };
  expect([version, appVersion]).toEqual([packageJson.version, packageJson.version]);
});

test('the notes say what comes next', () => {
  const { stdout } = helm(
    'install',
    'release',
    chart,
    '--dry-run=client',
    '--values',
    directory.file('notes.yaml', everything),
  );
  expect(stdout).toContain('node: node:22-slim, 0 to 20 replicas by KEDA');
  expect(stdout).toContain('helm test -n default release');
  expect(stdout).toContain('exec deploy/release-attune-agent-python -c worker -- /agent/attune-agent doctor');
  expect(stdout).toContain('logs job/release-attune-agent-migrate-1');
  expect(stdout).toContain('exec deploy/release-attune-agent-server -- /attune-agent token create');
});

test('the plain manifest is valid too', () => {
  const manifests = parseAllDocuments(readFileSync(join(charts, 'plain/worker.yaml'), 'utf8')).map(
    (one) => one.toJS() as Manifest,
  );
  expect(manifests.map(({ kind }) => kind)).toEqual(['Deployment']);
  expect(manifests.flatMap(strictProblems)).toEqual([]);
});

interface ScaledObject {
  readonly spec: { readonly triggers: readonly [{ readonly metadata: { readonly query: string } }] };
}

const database = sharedPostgres();

serversTest('KEDA counts what waits for these runtimes and what these workers have', async () => {
  const url = await database().createDatabase();
  expect(callAgent(['migrate'], { env: { PATH: '/bin', ATTUNE__DATABASE__URL: url } }).exitCode).toBe(0);
  const [scaled] = render(everything).filter(({ kind }) => kind === 'ScaledObject') as unknown as readonly [
    ScaledObject,
  ];
  const [trigger] = scaled.spec.triggers;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const length = async (): Promise<number> => Number((await sql.unsafe(trigger.metadata.query))[0]?.['count']);
    expect(await length()).toBe(0);
    await sql.unsafe(`
      SET search_path = attune, public;
      INSERT INTO pack (ref, label, version) VALUES ('p', 'p', '1.0.0');
      INSERT INTO runtime (ref, name) VALUES ('core.node', 'node'), ('core.python', 'python') ON CONFLICT DO NOTHING;
      INSERT INTO action (ref, pack, pack_ref, label, entrypoint, runtime)
        SELECT 'p.' || r.name, pack.id, 'p', r.name, 'x', r.id FROM pack, runtime r WHERE r.name IN ('node', 'python');
      INSERT INTO worker (name, worker_type, worker_role, status) VALUES ('release-attune-agent-node-abc', 'container', 'action', 'active'), ('other', 'container', 'action', 'active');
      INSERT INTO execution (action, action_ref, status, worker)
        SELECT a.id, a.ref, s.status, w.id FROM action a, (VALUES ('requested', NULL), ('running', 'release-attune-agent-node-abc'), ('running', 'other'), ('completed', 'release-attune-agent-node-abc')) AS s(status, worker) LEFT JOIN worker w ON w.name = s.worker WHERE a.ref = 'p.node';
      INSERT INTO execution (action, action_ref, status) SELECT id, ref, 'requested' FROM action WHERE ref = 'p.python';
    `);
    expect(await length()).toBe(2);
  } finally {
    await sql.end();
  }
});

test('the alerts and the dashboard are in the release as they are in their files, and workers show their metrics', () => {
  const manifests = render(valueSets['all that is optional'] ?? '');
  const found = (kind: string, name: string): Manifest | undefined =>
    manifests.find((one) => one.kind === kind && one.metadata.name.endsWith(name));
  const file = (name: string): string => readFileSync(join(chart, 'files', name), 'utf8');
  expect(found('PrometheusRule', 'other')?.['spec']).toEqual(parseAllDocuments(file('alerts.yaml'))[0]?.toJS());
  expect(found('ConfigMap', '-dashboard')?.['data']).toEqual({ 'attune.json': file('dashboard.json') });
  expect(found('PodMonitor', '-workers')).toMatchObject({
    spec: { podMetricsEndpoints: [{ port: 'metrics', path: '/metrics' }] },
  });
  expect(JSON.stringify(podOf(manifests, 'other-python'))).toContain('{"name":"metrics","containerPort":9000}');
  expect(JSON.stringify(found('NetworkPolicy', 'other-workers'))).toContain('"ingress":[{"ports":[{"port":"metrics"');
});

test('servers and workers send traces to the collector of the values, which their network policies let them reach', () => {
  const manifests = render(valueSets['all that is optional'] ?? '');
  for (const name of ['other-server', 'other-python'])
    expect(JSON.stringify(podOf(manifests, name).containers[0].env)).toContain(
      '{"name":"ATTUNE__TRACING__URL","value":"http://collector.monitoring:4318"},{"name":"ATTUNE__TRACING__SAMPLE_RATIO","value":"0.5"}',
    );
  for (const name of ['-server', '-workers'])
    expect(textOf(manifests, 'NetworkPolicy', name)).toContain('"ports":[{"port":4318,"protocol":"TCP"}]');
  const without = JSON.stringify(render(`existingSecret: attune\nworkers: [${one}]`));
  expect(without).not.toContain('TRACING');
});
