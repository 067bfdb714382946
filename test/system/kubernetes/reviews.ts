/** What an API server asks a webhook, and what it makes of the answer. */
import { applyPatch, type Operation } from 'fast-json-patch';
import type { Manifest } from './strict-manifest.ts';

/** A Pod as an API server sends it, with what it and other admission plugins have filled in. */
export const pod = (annotations: Readonly<Record<string, string>>, container: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-5d9c7b7c4d-x2x7k',
    generateName: 'web-5d9c7b7c4d-',
    namespace: 'team',
    labels: { app: 'web', 'pod-template-hash': '5d9c7b7c4d' },
    annotations,
  },
  spec: {
    volumes: [{ name: 'kube-api-access-abcde', projected: { defaultMode: 420, sources: [] } }],
    containers: [
      {
        name: 'app',
        image: 'python:3.12-slim',
        resources: {},
        volumeMounts: [
          { name: 'kube-api-access-abcde', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
        ],
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
        ...container,
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 60,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    securityContext: {},
    schedulerName: 'default-scheduler',
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
    enableServiceLinks: true,
  },
  status: {},
});

export const reviewOf = (object: unknown, request: object = {}): object => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    requestKind: { group: '', version: 'v1', kind: 'Pod' },
    requestResource: { group: '', version: 'v1', resource: 'pods' },
    namespace: 'team',
    operation: 'CREATE',
    userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:authenticated'] },
    object,
    oldObject: null,
    dryRun: false,
    options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    ...request,
  },
});

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patchType?: string;
  readonly patch?: string;
  readonly warnings?: readonly string[];
}

const patchOf = ({ patch = '' }: AdmissionResponse): readonly Operation[] =>
  JSON.parse(Buffer.from(patch, 'base64').toString());

/** The Pod that an API server makes of an answer. */
export const patched = (before: Manifest, response: AdmissionResponse): Manifest =>
  applyPatch(structuredClone(before), patchOf(response), true).newDocument;
