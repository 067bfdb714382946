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
import { type Manifest, strictProblems } from './strict-manifest.ts';

const charts = resolve(projectRoot, 'charts');
const chart = join(charts, 'attune-agent');
const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const everything = `
existingSecret: attune
agent: { image: "registry.example/attune-agent:1", path: /agent }
imagePullSecrets: [{ name: pull }]
packs: { volume: { persistentVolumeClaim: { claimName: packs } } }
server:
  enabled: true
  replicas: 2
  service: { type: LoadBalancer, port: 80, annotations: { a: b } }
  ingress: { enabled: true, className: nginx, annotations: { c: d }, hosts: [{ host: attune.example.org }], tls: [{ secretName: tls, hosts: [attune.example.org] }] }
  env: [{ name: ATTUNE__SCHEDULER__SCHEDULE_TIMEOUT, value: "60" }]
  nodeSelector: { disk: ssd }
networkPolicy: { egress: [{ to: [{ ipBlock: { cidr: 192.0.2.0/24 } }] }] }
serviceAccount: { annotations: { e: f } }
workers:
  - { name: python, image: "python:3.12-slim", replicas: 2, labels: { zone: a, gpu: true }, runtimes: [python, shell], taints: [{ key: dedicated, value: ml, effect: no_schedule }] }
  - name: node
    image: node:22-slim
    autoscaling: { minReplicas: 0, maxReplicas: 20, executionsPerReplica: 4 }
    runtimes: [node]
    resources: { limits: { memory: 2Gi } }
    env: [{ name: FOO, value: bar }]
    envFrom: [{ secretRef: { name: more } }]
    nodeSelector: { disk: ssd }
    tolerations: [{ key: a, operator: Exists }]
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: In, values: [b] }] }] } } }
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: { matchLabels: { a: b } } }]
    runtimeClassName: gvisor
    priorityClassName: low
    podAnnotations: { g: h }
    podLabels: { i: j }
    volumes: [{ name: cache, emptyDir: {} }]
    volumeMounts: [{ name: cache, mountPath: /cache }]
    workVolume: { emptyDir: { medium: Memory, sizeLimit: 1Gi } }
    shutdownTimeout: 120
`;
const one = '{ name: python, image: "python:3.12-slim" }';

const valueSets: Readonly<Record<string, string>> = {
  'no workers': 'existingSecret: attune',
  'one worker': `existingSecret: attune\nworkers: [${one}]`,
  everything,
  'image volume': `existingSecret: attune\nagent: { inject: image }\nworkers: [${one}]`,
  'server without workers': 'existingSecret: attune\nserver: { enabled: true }\nmigrate: { enabled: false }',
  OpenShift: `existingSecret: attune\npodSecurityContext: { runAsNonRoot: true }\nworkers: [${one}]`,
  'nothing optional': `existingSecret: attune\nserviceAccount: { create: false }\nnetworkPolicy: { enabled: false }\npodDisruptionBudget: { enabled: false }\napiUrl: https://attune.example.org\nworkers: [${one}]`,
};

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

test('settings of a worker become those of the agent, and the agent accepts them', () => {
  const pod = podOf(render(everything), 'release-attune-agent-python');
  const found = variables(pod);
  expect(found).toMatchObject({
    ATTUNE_WORKER_RUNTIMES: 'python,shell',
    ATTUNE__WORKER__LABELS: 'gpu=true,zone=a',
    ATTUNE__WORKER__TAINTS: 'dedicated=ml:no_schedule',
    ATTUNE__WORKER__EPHEMERAL: 'true',
    ATTUNE_WORKER_NAME: { fieldRef: { fieldPath: 'metadata.name' } },
    ATTUNE__DATABASE__URL: { secretKeyRef: { name: 'attune', key: 'database-url' } },
    ATTUNE_API_URL: 'http://release-attune-agent-server:80',
  });
  const plain = Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const { exitCode, stdout, stderr } = callAgent(['--print-config'], {
    env: { PATH: '/bin', ...Object.fromEntries(plain) },
  });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('ephemeral: true');
});

test('the image volume needs no init container', () => {
  const pod = podOf(render(valueSets['image volume'] ?? ''), 'release-attune-agent-python');
  expect(pod.initContainers).toBeUndefined();
  expect(pod.volumes).toContainEqual({
    name: 'agent',
    image: { reference: 'attune-agent:scratch', pullPolicy: 'IfNotPresent' },
  } as never);
});

const refusals: Readonly<Record<string, readonly [string, RegExp]>> = {
  'no secret': ['workers: []', /existingSecret: name a Secret/],
  'an unknown key': [
    `existingSecret: a\nworkers: [{ name: a, image: b, imagee: c }]`,
    /additional properties 'imagee' not allowed/,
  ],
  'an unknown key at the top': ['existingSecret: a\nworker: []', /additional properties 'worker' not allowed/],
  'no image': ['existingSecret: a\nworkers: [{ name: a }]', /missing property 'image'/],
  'a name that is none': ['existingSecret: a\nworkers: [{ name: A_b, image: c }]', /'A_b' does not match pattern/],
  'both replicas and autoscaling': [
    'existingSecret: a\nworkers: [{ name: a, image: b, replicas: 1, autoscaling: { maxReplicas: 2 } }]',
    /'not' failed/,
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

test('no secret is in any manifest', () => {
  const text = JSON.stringify(render(everything));
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
