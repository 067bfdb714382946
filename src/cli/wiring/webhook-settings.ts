import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { type InjectionSettings, WAYS } from '#webhook/settings.ts';

/** Where Kubernetes puts the service account of a Pod. */
export const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const NAMES = [
  'image',
  'pullPolicy',
  'pullSecrets',
  'agent',
  'path',
  'secret',
  'user',
  'kubernetes',
  'namespace',
  'tlsCert',
  'tlsKey',
  'tlsSecret',
  'configuration',
  'service',
  'serviceAccount',
] as const;

/** What was given by options, else by variables. An empty value counts as none. */
export type Given = Readonly<Record<(typeof NAMES)[number], string | undefined>>;

export function givenOf(options: Readonly<Record<string, string | undefined>>, env: ProcessEnv): Given {
  const variableOf = (name: string): string => `ATTUNE_WEBHOOK_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
  const lookUp = (name: string): string | undefined => (options[name] ?? env[variableOf(name)]) || undefined;
  const all = Object.fromEntries(NAMES.map((name) => [name, lookUp(name)])) as Given /* each of the names */;
  return { ...all, namespace: all.namespace ?? namespaceOf(all.serviceAccount ?? ACCOUNT) };
}

function namespaceOf(account: string): string | undefined {
  try {
    return readFileSync(join(account, 'namespace'), 'utf8').trim();
  } catch {
    return undefined;
  }
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

/** What holds for all Pods. The error has a sentence for each value that cannot be right. */
export function injectionSettingsOf(
  given: Given,
  apiUrl: string | undefined,
): Result<InjectionSettings, readonly string[]> {
  const way = WAYS.find((one) => one === (given.agent ?? 'init'));
  const { path = '/opt/attune/agent', pullPolicy = 'IfNotPresent', user = '65534', kubernetes } = given;
  const flaws = [
    way === undefined && `--agent: '${given.agent}' is neither init nor image`,
    !/^\/[^\s:]+$/.test(path) && `--path: '${path}' is not an absolute path without spaces and colons`,
    !PULL_POLICIES.includes(pullPolicy) && `--pull-policy: '${pullPolicy}' is none of ${PULL_POLICIES.join(', ')}`,
    !/^(any|\d{1,10})$/.test(user) && `--user: '${user}' is neither a uid nor any`,
    kubernetes !== undefined &&
      !/^v?1\.\d+/.test(kubernetes) &&
      `--kubernetes: '${kubernetes}' is no version such as v1.33.1`,
  ].filter((one) => typeof one === 'string');
  if (way === undefined || flaws.length > 0) return failure(flaws);
  return success({
    ...{ way, pullPolicy, apiUrl, kubernetes },
    image: given.image ?? 'attune-agent:scratch',
    pullSecrets: (given.pullSecrets ?? '').split(',').flatMap((one) => one.trim() || []),
    path: path.replace(/\/+$/, ''),
    secret: given.secret,
    user: user === 'any' ? undefined : Number(user),
    namespace: given.namespace,
  });
}
