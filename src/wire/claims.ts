import { z } from 'zod';
import { OUTPUT_FORMATS, PARAMETER_DELIVERIES, PARAMETER_FORMATS } from '#domain/action.ts';
import { anyObject, sha256Text } from './values.ts';
import { absentAsUndefined, count, execution } from './worker-values.ts';

/** The executions that a worker has been offered. */
export const offers = z
  .array(z.object({ execution, attempt: count.optional(), tokenHash: sha256Text.optional() }))
  .max(1000)
  .readonly();

const origin = z.object({
  requestId: absentAsUndefined(z.string()),
  traceparent: absentAsUndefined(z.string()),
  queuedMs: absentAsUndefined(z.number()),
});

const script = z.union([
  z.object({
    packRef: z.string(),
    entryPoint: z.string(),
    packVersion: z.string(),
    packChecksum: absentAsUndefined(z.string()),
  }),
  z.object({ code: z.string() }),
]);

const claimedAction = z.object({
  script,
  runtime: absentAsUndefined(z.string()),
  runtimeConfig: absentAsUndefined(z.unknown()),
  outputSchema: absentAsUndefined(z.unknown()),
  parameterSchema: absentAsUndefined(z.unknown()),
  hasApiToken: z.boolean(),
  versionConstraint: absentAsUndefined(z.string()),
  parameterDelivery: z.enum(PARAMETER_DELIVERIES),
  parameterFormat: z.enum(PARAMETER_FORMATS),
  outputFormat: z.enum(OUTPUT_FORMATS),
  timeoutSeconds: absentAsUndefined(z.number()),
});

/** The executions that are the worker's now, with all that running them takes. */
export const claims = z.object({
  claimed: z
    .array(
      z.object({
        execution,
        attempt: count,
        actionRef: z.string(),
        parameters: anyObject,
        keys: anyObject,
        keysProblem: absentAsUndefined(z.string()),
        envVars: z.record(z.string(), z.string()),
        timeoutSeconds: absentAsUndefined(z.number()),
        retryCount: z.number(),
        maxRetries: absentAsUndefined(z.number()),
        origin: absentAsUndefined(origin),
        action: absentAsUndefined(claimedAction),
      }),
    )
    .readonly(),
});
