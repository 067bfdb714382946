import type { Container, Pod } from './pod.ts';
import type { InjectionSettings, Way } from './settings.ts';

/** The names of what is added to a Pod; nothing of its own may be called so. */
export const PARTS = {
  agent: 'attune-agent',
  work: 'attune-work',
  secrets: 'attune-secrets',
  sidecar: 'attune-worker',
} as const;

export const WORK_DIRECTORY = '/opt/attune/work';
export const SECRETS_DIRECTORY = '/run/secrets/attune';

/** What an init container that copies one file needs. Requests equal limits, so that a Pod whose containers do the same stays Guaranteed. */
const ENOUGH = { cpu: '100m', memory: '256Mi' };

/** What every policy for Pods allows. */
const LOCKED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** The init container that copies the agent into its volume. */
export function copyingContainer({ spec }: Pod, settings: InjectionSettings): Container {
  const { image, pullPolicy, path, user } = settings;
  const given = spec.securityContext?.runAsUser ?? undefined;
  /* The image of the agent names no user, so that it would be root: a Pod may forbid that. A uid of the Pod's is kept. */
  const runAsUser = given === undefined ? user : undefined;
  return {
    name: PARTS.agent,
    image,
    imagePullPolicy: pullPolicy,
    args: ['install', path],
    resources: { requests: ENOUGH, limits: ENOUGH },
    securityContext: {
      ...LOCKED,
      ...(given === 0 ? { runAsNonRoot: false } : {}),
      ...(runAsUser === undefined ? {} : { runAsUser, runAsGroup: runAsUser }),
    },
    volumeMounts: [{ name: PARTS.agent, mountPath: path }],
  };
}

/** The volume in which the agent lies: filled by an init container, or the image itself. */
export function agentVolume(way: Way, { image, pullPolicy }: InjectionSettings): { readonly name: string } & Volume {
  return way === 'init'
    ? { name: PARTS.agent, emptyDir: {} }
    : { name: PARTS.agent, image: { reference: image, pullPolicy } };
}

/** The volume in which executions work. What is compiled there is run there. */
export const workVolume = { name: PARTS.work, emptyDir: {} };

/** The volume with the token. Others than root may read it where the Pod has no group for that: the container has one user. */
export function secretVolume({ spec }: Pod, secretName: string): { readonly name: string } & Volume {
  const defaultMode = typeof spec.securityContext?.fsGroup === 'number' ? 0o440 : 0o444;
  return { name: PARTS.secrets, secret: { secretName, defaultMode, items: [{ key: 'api-token', path: 'api-token' }] } };
}

type Volume = Readonly<Record<string, unknown>>;
