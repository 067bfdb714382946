import { expect, test } from 'bun:test';
import { inject } from '#webhook/inject.ts';
import { aPod, become, containerOf, settings, variablesOf } from './a-pod.ts';

test('a Pod that asks for it gets the agent, a volume and the token, and its container is started as a worker', () => {
  const { pod, warnings } = become(aPod({ labels: { app: 'web', 'pod-template-hash': 'abc' } }));
  expect(warnings).toEqual([]);
  expect(pod).toMatchObject({
    metadata: { name: 'p', annotations: { 'attune.io/inject': 'true', 'attune.io/injected': 'true' } },
    spec: {
      initContainers: [
        {
          name: 'attune-agent',
          image: 'registry.example/attune-agent:1',
          args: ['install', '/opt/attune/agent'],
          securityContext: { runAsUser: 65534, runAsNonRoot: true, readOnlyRootFilesystem: true },
        },
      ],
      volumes: [
        { name: 'attune-agent', emptyDir: {} },
        { name: 'attune-work', emptyDir: {} },
        { name: 'attune-secrets', secret: { secretName: 'attune-worker', defaultMode: 0o444 } },
      ],
    },
  });
  const app = containerOf(pod, 'app');
  expect(app).toMatchObject({
    image: 'python:3.12-slim',
    command: ['/opt/attune/agent/attune-agent'],
    readinessProbe: { exec: { command: ['/opt/attune/agent/attune-agent', 'health'] } },
    livenessProbe: { exec: { command: ['/opt/attune/agent/attune-agent', 'health', '--alive'] } },
    volumeMounts: [
      { name: 'attune-agent', mountPath: '/opt/attune/agent', readOnly: true },
      { name: 'attune-work', mountPath: '/opt/attune/work' },
      { name: 'attune-secrets', mountPath: '/run/secrets/attune', readOnly: true },
    ],
  });
  expect(variablesOf(app)).toMatchObject({
    ATTUNE_WORKER_NAME: { fieldRef: { fieldPath: 'metadata.name' } },
    ATTUNE__WORKER__EPHEMERAL: 'true',
    ATTUNE__WORKER__LABELS: 'app=web',
    ATTUNE__WORKER__SHUTDOWN_TIMEOUT: '15',
    ATTUNE_API_URL: 'http://attune:8080',
    ATTUNE_API_TOKEN_FILE: '/run/secrets/attune/api-token',
  });
});

test('who does not ask, or says no, stays as it is; a label asks as well as an annotation', () => {
  const silent = (annotations: Record<string, string>, labels?: Record<string, string>) => {
    const pod = aPod(labels ? { annotations, labels } : { annotations });
    return { ...pod, metadata: { ...pod.metadata, annotations } };
  };
  expect(become(silent({}))).toEqual({ pod: undefined, warnings: [] });
  expect(become(silent({ 'attune.io/inject': 'false' }))).toEqual({ pod: undefined, warnings: [] });
  expect(become(silent({}, { 'attune.io/inject': 'true' })).pod).toBeDefined();
  expect(become(silent({ 'attune.io/inject': 'yes' }))).toEqual({
    pod: undefined,
    warnings: ["not made a worker: attune.io/inject: 'yes' is not true or false"],
  });
  expect(become(silent({ 'attune.io/inject': 'true' }, { 'attune.io/inject': 'false' })).warnings).toEqual([
    "not made a worker: the annotation attune.io/inject says 'true', the label 'false'",
  ]);
});

test('what has been made a worker is not changed again, and a mark without the agent is noted', () => {
  for (const annotations of [{}, { 'attune.io/sidecar': 'true' }, { 'attune.io/agent': 'image' }]) {
    const { pod } = become(aPod({ annotations }));
    expect(pod).toBeDefined();
    expect(pod && become(pod)).toEqual({ pod: undefined, warnings: [] });
  }
  expect(become(aPod({ annotations: { 'attune.io/injected': 'true' } }))).toEqual({
    pod: undefined,
    warnings: ['the annotation attune.io/injected is there, the agent is not: remove the annotation'],
  });
});

test('nothing is changed in the namespace of the webhook', () => {
  const { pod, warnings } = inject(aPod(), 'attune', settings);
  expect(pod).toBeUndefined();
  expect(warnings.join()).toContain('the namespace attune is that of the webhook');
});

test('everything that is wrong is said at once, and then nothing is changed', () => {
  const annotations = {
    'attune.io/container': 'ap',
    'attune.io/sidecar': 'maybe',
    'attune.io/agent': 'copy',
    'attune.io/secret': 'No Secret',
    'attune.io/api-url': 'attune:8080',
    'attune.io/labels': 'zone',
    'attune.io/runtimes': 'python node',
    'attune.io/lables': 'a=b',
  };
  const spec = { os: { name: 'windows' }, volumes: [{ name: 'attune-work', emptyDir: {} }] };
  const { pod, warnings } = become(aPod({ annotations, spec }));
  expect(pod).toBeUndefined();
  expect(warnings).toEqual([
    "not made a worker: attune.io/sidecar: 'maybe' is not true or false",
    "not made a worker: attune.io/agent: 'copy' is not init or image",
    "not made a worker: attune.io/secret: 'No Secret' is not the name of a Secret",
    "not made a worker: attune.io/api-url: 'attune:8080' is not an address that begins with http:// or https://",
    "not made a worker: attune.io/labels: 'zone' is not key=value, with commas between several",
    "not made a worker: attune.io/runtimes: 'python node' is not names of runtimes, with commas between several",
    'not made a worker: the agent is for Linux',
    "not made a worker: there is no container 'ap': did you mean 'app'?",
    'not made a worker: the Pod has a volume attune-work of its own: give it another name',
    'attune.io/lables means nothing, did you mean attune.io/labels?',
  ]);
});

test('without a server or a token a Pod is not made a worker that could not work', () => {
  const nothing = { apiUrl: undefined, secret: undefined };
  expect(become(aPod(), nothing).warnings).toEqual([
    'not made a worker: no server: name its address in the annotation attune.io/api-url',
    'not made a worker: no token: name a Secret with the key api-token in the annotation attune.io/secret',
  ]);
  const annotations = { 'attune.io/api-url': 'https://other:1', 'attune.io/secret': 'mine' };
  const named = become(aPod({ annotations }), nothing).pod;
  expect(variablesOf(containerOf(named, 'app'))['ATTUNE_API_URL']).toBe('https://other:1');
  expect(named?.spec.volumes?.at(-1)).toMatchObject({ secret: { secretName: 'mine' } });
  expect(become(aPod({ container: { envFrom: [{ secretRef: { name: 'all' } }] } }), nothing).pod).toBeDefined();
});

test('what a container sets itself is kept, under each name of a setting, and no token is mounted beside its own', () => {
  const env = [
    { name: 'ATTUNE__WORKER__NAME', value: 'mine' },
    { name: 'ATTUNE__API_URL', value: 'http://mine' },
    { name: 'ATTUNE_API_TOKEN', value: 'att_x' },
    { name: 'HOME', value: '/home' },
  ];
  const { pod } = become(aPod({ container: { env, securityContext: { runAsUser: 5 } } }));
  const found = variablesOf(containerOf(pod, 'app'));
  expect(Object.keys(found)).not.toContain('ATTUNE_WORKER_NAME');
  expect(Object.keys(found)).not.toContain('ATTUNE_API_URL');
  expect(Object.keys(found)).not.toContain('ATTUNE_API_TOKEN_FILE');
  expect(found).toMatchObject({ ATTUNE__WORKER__NAME: 'mine', HOME: '/home' });
  expect(pod?.spec.volumes?.map(({ name }) => name)).toEqual(['attune-agent', 'attune-work']);
});

test('a sidecar stands beside the container, which stays as it is', () => {
  const container = {
    command: ['serve'],
    ports: [{ containerPort: 80 }],
    readinessProbe: { httpGet: { path: '/', port: 80 } },
    resources: { limits: { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' } },
    env: [{ name: 'A', value: 'b' }],
  };
  const before = aPod({ container, annotations: { 'attune.io/sidecar': 'true' }, spec: { restartPolicy: 'Never' } });
  const { pod, warnings } = become(before, { kubernetes: 'v1.29.0' });
  expect(warnings).toEqual([]);
  expect(containerOf(pod, 'app')).toEqual(containerOf(before, 'app'));
  expect(pod?.spec.initContainers?.map(({ name }) => name)).toEqual(['attune-agent', 'attune-worker']);
  const sidecar = containerOf(pod, 'attune-worker');
  expect(sidecar).toMatchObject({
    image: 'python:3.12-slim',
    restartPolicy: 'Always',
    command: ['/opt/attune/agent/attune-agent'],
    resources: { limits: { cpu: '1', memory: '1Gi' } },
  });
  expect(sidecar['ports']).toBeUndefined();
  expect(sidecar.resources?.limits).not.toHaveProperty('nvidia.com/gpu');
  expect(variablesOf(sidecar)).toMatchObject({ A: 'b', ATTUNE_API_URL: 'http://attune:8080' });
  expect(become(before, { kubernetes: '1.28' })).toEqual({
    pod: undefined,
    warnings: ['not made a worker: a native sidecar needs Kubernetes 1.29, this is 1.28'],
  });
});

test('the image itself is mounted where that is asked for, and copied where Kubernetes cannot', () => {
  const { pod } = become(aPod({ annotations: { 'attune.io/agent': 'image' } }), { kubernetes: 'v1.33.1' });
  expect(pod?.spec.initContainers).toBeUndefined();
  expect(pod?.spec.volumes?.[0]).toEqual({
    name: 'attune-agent',
    image: { reference: 'registry.example/attune-agent:1', pullPolicy: 'IfNotPresent' },
  });
  const older = become(aPod(), { way: 'image', kubernetes: 'v1.30.2' });
  expect(older.pod?.spec.initContainers?.length).toBe(1);
  expect(older.warnings.join()).toContain('images as volumes need Kubernetes 1.33');
});

test('whoever made a Pod is told what the agent takes the place of', () => {
  const container = {
    command: ['a'],
    args: ['b'],
    livenessProbe: { exec: { command: ['x'] } },
    lifecycle: { preStop: { exec: { command: ['y'] } } },
  };
  const { pod, warnings } = become(aPod({ container, spec: { restartPolicy: 'OnFailure' } }));
  expect(containerOf(pod, 'app').args).toBeUndefined();
  expect(containerOf(pod, 'app')['livenessProbe']).toMatchObject({
    exec: { command: [expect.stringMatching(/agent$/), 'health', '--alive'] },
  });
  expect(warnings).toEqual([
    'in the container app the agent is started instead of its command and args',
    'the probes of the container app give way to those of the agent',
    'the container app keeps its lifecycle hooks, which were made for its own command',
    'a worker does not end by itself: with restartPolicy OnFailure you may want attune.io/sidecar: "true"',
  ]);
  expect(become(aPod({ container: { command: ['b'], args: [] } })).warnings).toEqual([
    'in the container app the agent is started instead of its command',
  ]);
});

test('users and read-only roots of a Pod are respected', () => {
  const of = (securityContext: object, container: object = {}) =>
    become(aPod({ spec: { securityContext }, container: { securityContext: container } })).pod;
  const owned = of({ runAsUser: 1000, fsGroup: 1000, runAsNonRoot: true }, { readOnlyRootFilesystem: true });
  expect(containerOf(owned, 'attune-agent').securityContext).not.toHaveProperty('runAsUser');
  expect(owned?.spec.volumes?.at(-1)).toMatchObject({ secret: { defaultMode: 0o440 } });
  expect(variablesOf(containerOf(owned, 'app'))).toMatchObject({
    HOME: '/opt/attune/work',
    TMPDIR: '/opt/attune/work',
  });
  expect(containerOf(owned, 'app').securityContext).toEqual({ readOnlyRootFilesystem: true });
  expect(containerOf(of({ runAsUser: 0 }), 'attune-agent').securityContext?.runAsNonRoot).toBe(false);
  expect(variablesOf(containerOf(of({}), 'app'))).not.toHaveProperty('HOME');
  const free = become(aPod(), { user: undefined }).pod;
  expect(containerOf(free, 'attune-agent').securityContext).not.toHaveProperty('runAsUser');
});

test('other containers stay as they are, and the one that is named is started', () => {
  const spec = {
    containers: [
      { name: 'one', image: 'a' },
      { name: 'two', image: 'b', command: ['x'] },
    ],
    initContainers: [{ name: 'first', image: 'c' }],
  };
  const { pod } = become(aPod({ annotations: { 'attune.io/container': 'two' }, spec }), { pullSecrets: ['pull'] });
  expect(containerOf(pod, 'one')).toEqual({ name: 'one', image: 'a' });
  expect(containerOf(pod, 'two').command).toEqual(['/opt/attune/agent/attune-agent']);
  expect(pod?.spec.initContainers?.map(({ name }) => name)).toEqual(['first', 'attune-agent']);
  expect(pod?.spec.imagePullSecrets).toEqual([{ name: 'pull' }]);
});

test('values that nobody needs are refused unread, names are cut, and warnings are few', () => {
  const long = 'a'.repeat(1_000_000);
  const annotations = {
    'attune.io/container': long,
    'attune.io/api-url': `http://${long} `,
    'attune.io/labels': `${'a=b,'.repeat(300_000)}`,
    'attune.io/runtimes': `${long} `,
    'attune.io/secret': long,
    ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`attune.io/${i}${long}`, ''])),
  };
  const { pod, warnings } = become(aPod({ annotations }));
  expect(pod).toBeUndefined();
  expect(warnings).toHaveLength(11);
  expect(warnings.filter((one) => one.includes('more than 4096'))).toHaveLength(5);
  expect(warnings[1]).toMatch(/^not made a worker: attune.io\/api-url: 'http:\/\/a{72}…' has 1000008 characters/);
  expect(warnings.at(-1)).toBe('45 more annotations of attune.io/ mean nothing');
  expect(Math.max(...warnings.map((one) => one.length))).toBeLessThan(256);
  expect(become(aPod({ labels: { 'attune.io/inject': long }, annotations: {} })).warnings[0]?.length).toBeLessThan(256);
  const containers = Array.from({ length: 2000 }, (_, i) => ({ name: `${long.slice(0, 1000)}${i}` }));
  const unknown = become(aPod({ annotations: { 'attune.io/container': 'b'.repeat(253) }, spec: { containers } }));
  expect(unknown.warnings[0]).toMatch(/^not made a worker: there is no container 'b{253}': there are a{119}…$/);
});

test('an address is taken as it stands or not at all', () => {
  const isTaken = (url: string): boolean =>
    become(aPod({ annotations: { 'attune.io/api-url': url } })).pod !== undefined;
  const good = ['http://attune:8080', 'https://[::1]:1/a?b=c#d', 'http://user@x/', 'HTTP://x'];
  const bad = [
    'http:/x',
    'http:x',
    'http://',
    'http:///x',
    'ftp://x',
    ' http://x',
    'http://x\n',
    'http://a b',
    'http://x:99999',
  ];
  expect(good.map(isTaken)).toEqual([true, true, true, false]);
  expect(bad.filter(isTaken)).toEqual([]);
});
