import { nearest } from '#domain/nearest.ts';
import { agentVolume, copyingContainer, PARTS, secretVolume, WORK_DIRECTORY, workVolume } from './agent-parts.ts';
import { cut } from './cut.ts';
import type { Container, Pod } from './pod.ts';
import type { InjectionSettings, Way } from './settings.ts';
import { INJECTED, isAskedFor, type Wishes, wishesOf } from './wishes.ts';
import { asSidecar, asWorker, isSet, type Job, mountsFor, secretOf } from './worker-container.ts';

/** What becomes of a Pod. */
export interface Injection {
  /** The Pod as a worker; undefined: it stays as it is. */
  readonly pod: Pod | undefined;
  /** Sentences for whoever made the Pod. */
  readonly warnings: readonly string[];
}

const unchanged = (...warnings: readonly string[]): Injection => ({ pod: undefined, warnings });

/** Makes a worker of a Pod that asks for it and is none yet. The same Pod gives the same answer, and an answer given again nothing new. */
export function inject(pod: Pod, namespace: string | undefined, settings: InjectionSettings): Injection {
  const asked = isAskedFor(pod);
  if (asked === false) return unchanged();
  if (typeof asked === 'string') return unchanged(`not made a worker: ${asked}`);
  if (pod.metadata.annotations?.[INJECTED] === 'true') return unchanged(...flawOfInjected(pod));
  if (namespace !== undefined && namespace === settings.namespace)
    return unchanged(
      `not made a worker: the namespace ${namespace} is that of the webhook, which changes nothing there`,
    );
  const { wishes, flaws, unknown } = wishesOf(pod);
  const container = chosen(pod, wishes);
  const obstacles = [...flaws, ...obstaclesOf(pod, { wishes, settings, container })];
  if (obstacles.length > 0 || container === undefined)
    return unchanged(...obstacles.map((one) => `not made a worker: ${one}`), ...unknown);
  const way = wayOf(wishes, settings);
  const job = { container, pod, wishes, settings };
  return { pod: withAgent(job, way), warnings: [...unknown, ...remarksOn(job, way)] };
}

/** What is odd about a Pod that says that it is a worker already. */
function flawOfInjected({ spec }: Pod): readonly string[] {
  const isThere = (spec.volumes ?? []).some(({ name }) => name === PARTS.agent);
  return isThere ? [] : [`the annotation ${INJECTED} is there, the agent is not: remove the annotation`];
}

function chosen({ spec }: Pod, { container }: Wishes): Container | undefined {
  return container === undefined ? spec.containers[0] : spec.containers.find(({ name }) => name === container);
}

interface Circumstances {
  readonly wishes: Wishes;
  readonly settings: InjectionSettings;
  readonly container: Container | undefined;
}

/** Why a Pod cannot be made a worker, all of it. */
function obstaclesOf(pod: Pod, { wishes, settings, container }: Circumstances): readonly string[] {
  const { spec } = pod;
  const found: (string | false)[] = [
    spec.os?.name === 'windows' && 'the agent is for Linux',
    wishes.isSidecar &&
      isOlder(settings.kubernetes, 29) &&
      `a native sidecar needs Kubernetes 1.29, this is ${settings.kubernetes}`,
    container === undefined && unknownContainer(spec.containers, wishes.container ?? ''),
  ];
  return [
    ...found.filter((one) => one !== false),
    ...takenNames(pod, wishes),
    ...(container ? obstaclesIn(container, wishes, settings) : []),
  ];
}

/** Characters of all names of containers that a warning repeats. */
const NAMES_SHOWN = 120;

function unknownContainer(containers: readonly Container[], name: string): string {
  const names = containers.map((one) => one.name);
  const near = nearest(name, names);
  const hint = near === undefined ? `there are ${cut(names.join(', '), NAMES_SHOWN)}` : `did you mean '${near}'?`;
  return `there is no container '${name}': ${hint}`;
}

/** What the Pod calls by a name that the parts of the agent need. */
function takenNames({ spec }: Pod, { isSidecar }: Wishes): readonly string[] {
  const parts: readonly string[] = [PARTS.agent, PARTS.work, PARTS.secrets];
  const volumes = (spec.volumes ?? []).filter(({ name }) => parts.includes(name)).map(({ name }) => `a volume ${name}`);
  const taken: readonly string[] = [PARTS.agent, ...(isSidecar ? [PARTS.sidecar] : [])];
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) => taken.includes(name));
  return [...volumes, ...containers.map(({ name }) => `a container ${name}`)].map(
    (one) => `the Pod has ${one} of its own: give it another name`,
  );
}

function obstaclesIn(container: Container, wishes: Wishes, settings: InjectionSettings): readonly string[] {
  const mount = (container.volumeMounts ?? []).find(({ mountPath }) => `${mountPath}/`.startsWith(`${settings.path}/`));
  const isDirect = isSet(container, 'database.url');
  /* Variables of envFrom are not known here. */
  const mayBeSet = (setting: string): boolean => isSet(container, setting) || (container.envFrom ?? []).length > 0;
  const lacksUrl = !isDirect && wishes.apiUrl === undefined && settings.apiUrl === undefined && !mayBeSet('api_url');
  const hasToken = isDirect || mayBeSet('api_token') || secretOf({ container, wishes, settings }) !== undefined;
  const found = [
    mount && `the container ${container.name} mounts something at ${mount.mountPath}, where the agent goes`,
    lacksUrl && 'no server: name its address in the annotation attune.io/api-url',
    !hasToken && 'no token: name a Secret with the key api-token in the annotation attune.io/secret',
  ];
  return found.filter((one) => typeof one === 'string');
}

function wayOf(wishes: Wishes, settings: InjectionSettings): Way {
  return isOlder(settings.kubernetes, 31) ? 'init' : (wishes.way ?? settings.way);
}

/** Tells whether the cluster is older than Kubernetes 1.MINOR. */
function isOlder(version: string | undefined, minor: number): boolean {
  const found = /^v?1\.(\d+)/.exec(version ?? '');
  return found !== null && Number(found[1]) < minor;
}

function withAgent(job: Job, way: Way): Pod {
  const { pod, settings, wishes, container } = job;
  const { spec, metadata } = pod;
  const copying = way === 'init' ? [copyingContainer(pod, settings)] : [];
  const added = [...copying, ...(wishes.isSidecar ? [asSidecar(job)] : [])];
  const mounted = mountsFor(job).map(({ name }) => name);
  const volumes = [agentVolume(way, settings), workVolume, secretVolume(pod, secretOf(job) ?? '')];
  const pullSecrets = settings.pullSecrets.filter(
    (name) => !(spec.imagePullSecrets ?? []).some((one) => one.name === name),
  );
  return {
    ...pod,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [INJECTED]: 'true' } },
    spec: {
      ...spec,
      ...(added.length === 0 ? {} : { initContainers: [...(spec.initContainers ?? []), ...added] }),
      containers: wishes.isSidecar
        ? spec.containers
        : spec.containers.map((one) => (one === container ? asWorker(job) : one)),
      volumes: [...(spec.volumes ?? []), ...volumes.filter(({ name }) => mounted.includes(name))],
      ...(pullSecrets.length === 0
        ? {}
        : { imagePullSecrets: [...(spec.imagePullSecrets ?? []), ...pullSecrets.map((name) => ({ name }))] }),
    },
  };
}

const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;

/** What whoever made the Pod should know although it becomes a worker. */
function remarksOn({ container, pod, wishes, settings }: Job, way: Way): readonly string[] {
  const { name } = container;
  const own = [container.command?.length && 'command', container.args?.length && 'args'].filter(
    (one) => typeof one === 'string',
  );
  const isReplaced = !wishes.isSidecar;
  const wished = wishes.way ?? settings.way;
  const found = [
    isReplaced && own.length > 0 && `in the container ${name} the agent is started instead of its ${own.join(' and ')}`,
    isReplaced &&
      PROBES.some((probe) => container[probe]) &&
      `the probes of the container ${name} give way to those of the agent`,
    isReplaced &&
      container['lifecycle'] &&
      `the container ${name} keeps its lifecycle hooks, which were made for its own command`,
    isReplaced &&
      (pod.spec.restartPolicy ?? 'Always') !== 'Always' &&
      `a worker does not end by itself: with restartPolicy ${pod.spec.restartPolicy} you may want attune.io/sidecar: "true"`,
    wished !== way &&
      `images as volumes need Kubernetes 1.33 (1.31 with a feature gate), this is ${settings.kubernetes}: an init container copies the agent`,
    (container.volumeMounts ?? []).some(({ mountPath }) => mountPath === WORK_DIRECTORY) &&
      `executions work in what the container ${name} mounts at ${WORK_DIRECTORY}`,
  ];
  return found.filter((one) => typeof one === 'string');
}
