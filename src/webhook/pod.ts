import { z } from 'zod';

const named = z.looseObject({ name: z.string() });
const texts = z.record(z.string(), z.string());
const securityContext = z.looseObject({
  runAsUser: z.number().nullish(),
  runAsNonRoot: z.boolean().nullish(),
  readOnlyRootFilesystem: z.boolean().nullish(),
  fsGroup: z.number().nullish(),
});

const container = z.looseObject({
  name: z.string(),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
  env: z.array(named).nullish(),
  envFrom: z.array(z.unknown()).nullish(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).nullish(),
  securityContext: securityContext.nullish(),
  resources: z
    .looseObject({
      requests: z.record(z.string(), z.unknown()).nullish(),
      limits: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});

/** A Pod as far as it is looked at. What else it has is kept. */
export const podSchema = z.looseObject({
  apiVersion: z.literal('v1').optional(),
  kind: z.literal('Pod').optional(),
  metadata: z
    .looseObject({
      name: z.string().nullish(),
      generateName: z.string().nullish(),
      labels: texts.nullish(),
      annotations: texts.nullish(),
    })
    .default({}),
  spec: z.looseObject({
    containers: z.array(container).min(1),
    initContainers: z.array(container).nullish(),
    volumes: z.array(named).nullish(),
    imagePullSecrets: z.array(z.looseObject({ name: z.string().optional() })).nullish(),
    securityContext: securityContext.nullish(),
    restartPolicy: z.string().nullish(),
    terminationGracePeriodSeconds: z.number().nullish(),
    os: z.looseObject({ name: z.string() }).nullish(),
  }),
});

export type Pod = z.infer<typeof podSchema>;
export type Container = Pod['spec']['containers'][number];
