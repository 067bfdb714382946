/**
 * What the API server would say about a manifest in strict mode, offline: kubernetes-models checks types and what is
 * required by the schemas of Kubernetes' OpenAPI document; unknown fields are those that the official client does not know.
 */
import * as client from '@kubernetes/client-node';
import * as certificates from '@kubernetes-models/cert-manager/cert-manager.io/v1';
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1';
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as admission from 'kubernetes-models/admissionregistration.k8s.io/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import * as core from 'kubernetes-models/v1';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

type Model = new (data: never) => { validate(): void };

const groups: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  v1: core,
  'apps/v1': apps,
  'batch/v1': batch,
  'policy/v1': policy,
  'networking.k8s.io/v1': networking,
  'autoscaling/v2': autoscaling,
  'rbac.authorization.k8s.io/v1': rbac,
  'admissionregistration.k8s.io/v1': admission,
  'cert-manager.io/v1': certificates,
  'keda.sh/v1alpha1': keda,
  'monitoring.coreos.com/v1': monitoring,
};

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

/** Everything that is wrong with it, one sentence each. */
export function strictProblems(manifest: Manifest): readonly string[] {
  const { apiVersion, kind } = manifest;
  const Model = groups[apiVersion]?.[kind] as Model | undefined;
  if (!Model) return [`${apiVersion} ${kind}: no such kind`];
  const problems: string[] = [];
  try {
    new Model(manifest as never).validate();
  } catch (error) {
    problems.push(String(error));
  }
  /* Of the kinds of operators no client is known: their types are all that is checked. */
  if (/^(cert-manager|keda|monitoring)/.test(apiVersion)) return problems;
  const version = apiVersion === 'autoscaling/v2' ? 'V2' : 'V1';
  return [...problems, ...unknownFields(manifest, `${version}${kind}`, kind)];
}

function unknownFields(value: unknown, type: string, path: string): readonly string[] {
  const inner = /^(?:Array<|\{ \[key: string\]: )(.*?);?(?:>| \})$/.exec(type)?.[1];
  if (inner !== undefined && typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, one]) => unknownFields(one, inner, `${path}.${key}`));
  const attributes = attributesOf(type);
  if (!attributes || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const known = attributes.find(({ baseName }) => baseName === key);
    return known ? unknownFields(one, known.type, `${path}.${key}`) : [`${path}.${key}: unknown field`];
  });
}

function attributesOf(type: string): readonly Attribute[] | undefined {
  const Model = (client as unknown as Record<string, { getAttributeTypeMap?(): readonly Attribute[] } | undefined>)[
    type
  ];
  return Model?.getAttributeTypeMap?.();
}
