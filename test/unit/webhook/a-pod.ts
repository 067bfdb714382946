import { applyPatch } from 'fast-json-patch';
import { type Injection, inject } from '#webhook/inject.ts';
import { patchBetween } from '#webhook/patch.ts';
import { type Container, type Pod, podSchema } from '#webhook/pod.ts';
import type { InjectionSettings } from '#webhook/settings.ts';

export const settings: InjectionSettings = {
  image: 'registry.example/attune-agent:1',
  pullPolicy: 'IfNotPresent',
  pullSecrets: [],
  way: 'init',
  path: '/opt/attune/agent',
  apiUrl: 'http://attune:8080',
  secret: 'attune-worker',
  user: 65534,
  namespace: 'attune',
  kubernetes: undefined,
};

interface Shape {
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly container?: object;
  readonly spec?: object;
}

/** A Pod with a container `app` that asks to be a worker. */
export function aPod({ annotations = {}, labels, container = {}, spec = {} }: Shape = {}): Pod {
  return podSchema.parse({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      annotations: { 'attune.io/inject': 'true', ...annotations },
      ...(labels ? { labels } : {}),
    },
    spec: { containers: [{ name: 'app', image: 'python:3.12-slim', ...container }], ...spec },
  });
}

/** What becomes of a Pod in the namespace `team`, as another implementation of JSON Patch makes it. */
export function become(
  pod: Pod,
  changed: Partial<InjectionSettings> = {},
): { readonly pod: Pod | undefined; readonly warnings: Injection['warnings'] } {
  const { pod: after, warnings } = inject(pod, 'team', { ...settings, ...changed });
  if (!after) return { pod: undefined, warnings };
  const patch = JSON.parse(JSON.stringify(patchBetween(pod, after)));
  return { pod: applyPatch(structuredClone(pod), patch, true).newDocument, warnings };
}

export function containerOf(pod: Pod | undefined, name: string): Container {
  const all = [...(pod?.spec.containers ?? []), ...(pod?.spec.initContainers ?? [])];
  const found = all.find((one) => one.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
}

export function variablesOf(container: Container): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    (container.env ?? []).map(({ name, ...rest }) => [name, rest['value'] ?? rest['valueFrom']]),
  );
}
