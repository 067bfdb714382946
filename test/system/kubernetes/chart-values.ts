/** The sets of values for which the chart is rendered: by themselves, and for an API server. */
export const everything = `
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
export const one = '{ name: python, image: "python:3.12-slim" }';

export const valueSets: Readonly<Record<string, string>> = {
  'no workers': 'existingSecret: attune',
  'one worker': `existingSecret: attune\nworkers: [${one}]`,
  everything,
  'image volume': `existingSecret: attune\nagent: { inject: image }\nworkers: [${one}]`,
  'server without workers': 'existingSecret: attune\nserver: { enabled: true }\nmigrate: { enabled: false }',
  OpenShift: `existingSecret: attune\npodSecurityContext: { runAsNonRoot: true }\nworkers: [${one}]`,
  'a whole system': `workers: [${one}]`,
  'all that is optional': `fullnameOverride: other
commonLabels: { team: a }
agent: { digest: "sha256:${'0'.repeat(64)}" }
secrets: { migrate: owner, server: control, autoscaling: reader }
provision: { serverLogin: true }
server:
  autoscaling: { enabled: true }
  persistence: { enabled: true, accessModes: [ReadWriteMany], storageClass: nfs }
  envFrom: [{ secretRef: { name: bucket } }]
  volumes: [{ name: more, emptyDir: {} }]
  volumeMounts: [{ name: more, mountPath: /more }]
  annotations: { k: x }
  podAnnotations: { m: x }
  priorityClassName: high
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway }]
serviceMonitor: { enabled: true, labels: { o: p }, tokenSecret: { name: prometheus } }
podMonitor: { enabled: true, tokenSecret: { name: prometheus, key: other } }
workerMonitor: { enabled: true, labels: { s: t }, port: 9000 }
tracing: { url: "http://collector.monitoring:4318", sampleRatio: 0.5 }
prometheusRule: { enabled: true, labels: { o: p } }
dashboard: { enabled: true, annotations: { u: v } }
networkPolicy: { serverEgress: [{ ports: [{ port: 443 }] }] }
workers: [{ name: python, image: "python:3.12-slim", digest: "sha256:${'1'.repeat(64)}", annotations: { q: r }, autoscaling: { maxReplicas: 3 } }]`,
  'a webhook': 'webhook: { enabled: true }',
  'a webhook with cert-manager': `existingSecret: attune
podDisruptionBudget: { enabled: false }
webhook:
  enabled: true
  apiUrl: https://attune.example.org
  pullSecrets: [pull]
  runAsUser: null
  failurePolicy: Fail
  namespaceSelector: { matchLabels: { attune: "yes" }, matchExpressions: [{ key: a, operator: Exists }] }
  objectSelector: { matchLabels: { attune.io/inject: "true" } }
  certManager: { enabled: true, issuerRef: { name: ours, kind: ClusterIssuer } }
  podAnnotations: { k: v }
  podLabels: { l: w }
  priorityClassName: high
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway }]`,
  'a webhook with a self-signed certificate of cert-manager': `webhook: { enabled: true, certManager: { enabled: true } }`,
  'workers of a server elsewhere': `apiUrl: "https://attune.example.org:8443"\nsecrets: { worker: token }\nworkers: [${one}]`,
  'nothing optional': `existingSecret: attune\nserviceAccount: { create: false }\nnetworkPolicy: { enabled: false }\npodDisruptionBudget: { enabled: false }\napiUrl: https://attune.example.org\nworkers: [${one}]`,
};
