import { variablesOf } from '#config/short-names.ts';
import { PARTS, SECRETS_DIRECTORY, WORK_DIRECTORY } from './agent-parts.ts';
import type { Container, Pod } from './pod.ts';
import type { InjectionSettings } from './settings.ts';
import type { Wishes } from './wishes.ts';

/** A container that becomes a worker, with what its Pod and everybody say about that. */
export interface Job {
  readonly container: Container;
  readonly pod: Pod;
  readonly wishes: Wishes;
  readonly settings: InjectionSettings;
}

/** Seconds of the Pod's time to end that the agent leaves for ending what it runs. */
const LAST_SECONDS = 15;
/** Seconds that Kubernetes gives a Pod that says nothing. */
const USUAL_GRACE = 30;

/** The container, started as a worker instead of its own command. */
export function asWorker(job: Job): Container {
  const { container, settings } = job;
  const agent = `${settings.path}/attune-agent`;
  return {
    ...container,
    command: [agent],
    args: undefined,
    env: [...(container.env ?? []), ...variablesFor(job)],
    volumeMounts: [...(container.volumeMounts ?? []), ...mountsFor(job)],
    /* A worker whose server cannot be reached is alive and not ready, because a restart would not help. */
    startupProbe: { exec: { command: [agent, 'health'] }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 },
    readinessProbe: { exec: { command: [agent, 'health'] }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: {
      exec: { command: [agent, 'health', '--alive'] },
      periodSeconds: 20,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
  };
}

/** What a sidecar has of the container that it stands beside: what the program sees, not what is for one alone. */
const SHARED = ['image', 'imagePullPolicy', 'workingDir', 'env', 'envFrom', 'volumeMounts', 'securityContext'] as const;

/** A worker beside the container, of the same image: a native sidecar, which starts before it and ends after it. */
export function asSidecar(job: Job): Container {
  const { container } = job;
  const shared = SHARED.flatMap((key) => (container[key] === undefined ? [] : [[key, container[key]] as const]));
  const beside = {
    ...Object.fromEntries(shared),
    name: PARTS.sidecar,
    resources: processorAndMemory(container.resources),
  };
  return { ...asWorker({ ...job, container: beside }), restartPolicy: 'Always' };
}

/** The requests and limits without devices, of which there may be one alone. */
function processorAndMemory(resources: Container['resources']): Container['resources'] {
  const of = (all: Readonly<Record<string, unknown>> | null | undefined): Record<string, unknown> | undefined =>
    all ? Object.fromEntries(Object.entries(all).filter(([name]) => name === 'cpu' || name === 'memory')) : undefined;
  return resources ? { requests: of(resources.requests), limits: of(resources.limits) } : undefined;
}

/** Tells whether a container has a setting already, by one of its variables. Of `envFrom` nothing is known. */
export function isSet({ env }: Container, setting: string): boolean {
  const names = variablesOf(setting).flatMap((name) => [name, `${name}_FILE`]);
  return (env ?? []).some(({ name }) => names.includes(name));
}

/** The Secret with the token; undefined where the container has a token, or a database, by variables of its own. */
export function secretOf({ container, wishes, settings }: Omit<Job, 'pod'>): string | undefined {
  const hasOwn = isSet(container, 'api_token') || isSet(container, 'database.url');
  return hasOwn ? undefined : (wishes.secret ?? settings.secret);
}

/** The variables of a worker that the container does not set itself. */
function variablesFor(job: Job): readonly { readonly name: string }[] {
  const { container, pod, wishes, settings } = job;
  const labels = Object.entries(wishes.labels).map(([key, value]) => `${key}=${value}`);
  const grace = pod.spec.terminationGracePeriodSeconds ?? USUAL_GRACE;
  const values: readonly (readonly [setting: string, value: string | object | undefined])[] = [
    ['worker.name', { fieldRef: { fieldPath: 'metadata.name' } }],
    ['worker.ephemeral', 'true'],
    ['worker.worker_type', 'container'],
    ['worker.inline', 'false'],
    ['worker.shutdown_timeout', String(Math.max(grace - LAST_SECONDS, Math.floor(grace / 2)))],
    ['worker.runtimes', wishes.runtimes],
    ['worker.labels', labels.length > 0 ? labels.join(',') : undefined],
    ['log.format', 'json'],
    ['work_dir', WORK_DIRECTORY],
    ['packs_base_dir', '/opt/attune/packs'],
    ['api_url', wishes.apiUrl ?? settings.apiUrl],
  ];
  const missing = values.filter(([setting, value]) => value !== undefined && !isSet(container, setting));
  return [
    ...missing.map(([setting, value]) => variable(variablesOf(setting)[0] ?? '', value)),
    ...(secretOf(job) !== undefined ? [variable('ATTUNE_API_TOKEN_FILE', `${SECRETS_DIRECTORY}/api-token`)] : []),
    ...homeFor(job),
  ];
}

function variable(name: string, value: string | object | undefined): { readonly name: string } {
  return typeof value === 'object' ? { name, ...{ valueFrom: value } } : { name, ...{ value } };
}

/** A user without a home, and a root that is read-only, write to the volume in which executions work. */
function homeFor({ container, pod }: Job): readonly { readonly name: string }[] {
  const one = <K extends 'runAsUser' | 'runAsNonRoot'>(key: K): unknown =>
    container.securityContext?.[key] ?? pod.spec.securityContext?.[key];
  const isReadOnly = container.securityContext?.readOnlyRootFilesystem === true;
  const isOther = Number(one('runAsUser') ?? 0) > 0 || one('runAsNonRoot') === true;
  const names = isReadOnly ? ['HOME', 'TMPDIR'] : isOther ? ['HOME'] : [];
  const own = new Set((container.env ?? []).map(({ name }) => name));
  return names.filter((name) => !own.has(name)).map((name) => variable(name, WORK_DIRECTORY));
}

/** What the container gets mounted: the parts for whose places it has nothing of its own. */
export function mountsFor(job: Job): readonly { readonly name: string; readonly mountPath: string }[] {
  const { container, settings } = job;
  const all = [
    { name: PARTS.agent, mountPath: settings.path, readOnly: true },
    { name: PARTS.work, mountPath: WORK_DIRECTORY },
    ...(secretOf(job) !== undefined ? [{ name: PARTS.secrets, mountPath: SECRETS_DIRECTORY, readOnly: true }] : []),
  ];
  return all.filter(({ mountPath }) => !(container.volumeMounts ?? []).some((own) => own.mountPath === mountPath));
}
