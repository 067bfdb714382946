import { failure, type Result, success } from '#domain/result.ts';
import { type Pod, podSchema } from './pod.ts';

type Path = readonly (string | number)[];

/** A Pod that a manifest of Kubernetes is, or the template of which it makes Pods. */
export interface PodInside {
  /** Where it is in the manifest; empty: the manifest is the Pod. */
  readonly path: Path;
  /** The kind and name of what makes it, such as `Deployment web`. */
  readonly owner: string;
  /** The Pod as it is written. */
  readonly raw: unknown;
  readonly pod: Pod;
  readonly namespace: string | undefined;
}

const IN_SPEC: Path = ['spec', 'template'];
/** Where the kinds of Kubernetes have their Pods. */
const PLACES: ReadonlyMap<string, Path> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['CronJob', ['spec', 'jobTemplate', ...IN_SPEC]],
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'].map(
    (kind) => [kind, IN_SPEC] as const,
  ),
]);

/** The Pods of a manifest, also of a List. None: it makes none that can be seen. The error says what is wrong at which place. */
export function podsIn(manifest: unknown, at: Path = []): Result<readonly PodInside[], string> {
  const kind = textAt(manifest, ['kind']);
  if (kind === undefined) return failure(`${describePlace([...at, 'kind'])}: a manifest of Kubernetes says its kind`);
  const items = memberAt(manifest, ['items']);
  if (kind.endsWith('List') && Array.isArray(items)) return allPodsIn(items, at);
  const inside = PLACES.get(kind) ?? (Array.isArray(memberAt(manifest, [...IN_SPEC, 'spec', 'containers'])) && IN_SPEC);
  if (inside === false) return success([]);
  const path = [...at, ...inside];
  const raw = memberAt(manifest, inside);
  const pod = podSchema.safeParse(raw);
  if (!pod.success)
    return failure(
      pod.error.issues.map((issue) => `${describePlace([...path, ...issue.path])}: ${issue.message}`).join('; '),
    );
  const namespace = textAt(raw, ['metadata', 'namespace']) ?? textAt(manifest, ['metadata', 'namespace']);
  return success([{ path, owner: describeManifest(manifest), raw, pod: pod.data, namespace }]);
}

/** The kind and name of a manifest, such as `Deployment web`. */
export function describeManifest(manifest: unknown): string {
  return [textAt(manifest, ['kind']), textAt(manifest, ['metadata', 'name'])].filter(Boolean).join(' ');
}

/** The manifest with another Pod at a path. */
export function withPod(manifest: unknown, [key, ...rest]: Path, pod: unknown): unknown {
  if (key === undefined) return pod;
  if (Array.isArray(manifest))
    return manifest.map((one: unknown, index) => (index === key ? withPod(one, rest, pod) : one));
  return { ...(manifest as object), [key]: withPod(memberAt(manifest, [key]), rest, pod) };
}

function allPodsIn(items: readonly unknown[], at: Path): Result<readonly PodInside[], string> {
  const found: PodInside[] = [];
  for (const [index, item] of items.entries()) {
    const pods = podsIn(item, [...at, 'items', index]);
    if (!pods.ok) return pods;
    found.push(...pods.value);
  }
  return success(found);
}

function describePlace(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

function memberAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  );
}

function textAt(value: unknown, path: Path): string | undefined {
  const found = memberAt(value, path);
  return typeof found === 'string' ? found : undefined;
}
