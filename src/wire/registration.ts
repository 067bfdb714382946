import { z } from 'zod';
import { flawOfRegistration, TAINT_EFFECTS, WORKER_TYPES } from '#domain/worker.ts';
import { anyObject, fewMembers } from './values.ts';
import { count, execution, session, text, texts } from './worker-values.ts';

/** The request with which a worker registers itself. */
export const registrationRequest = z
  .object({
    name: text.min(1).max(255),
    instance: session.shape.instance,
    workerType: z.enum(WORKER_TYPES),
    host: text.max(255),
    pid: count,
    process: text,
    capabilities: z.looseObject({
      runtimes: texts,
      max_concurrent_executions: count,
      worker_version: text,
      agent_mode: z.literal(true),
      agent_binary_name: text,
      agent_binary_version: text,
      detected_interpreters: z
        .array(z.object({ name: text, path: text, version: text.nullable() }))
        .max(1000)
        .readonly(),
      runtime_versions: fewMembers(z.record(text, texts)),
      labels: fewMembers(z.record(text, text)),
      taints: z
        .array(z.object({ key: text, value: text, effect: z.enum(TAINT_EFFECTS) }))
        .max(1000)
        .readonly(),
      ephemeral: z.boolean().optional(),
      inline: z.boolean().optional(),
      batched_dispatch: z.boolean().optional(),
    }),
    templates: z
      .array(z.object({ name: text, aliases: texts, executionConfig: anyObject }))
      .max(1000)
      .readonly()
      .default([]),
  })
  .superRefine((registration, context) => {
    const flaw = flawOfRegistration(registration);
    if (flaw !== undefined) context.addIssue({ code: 'custom', message: flaw });
  });

export const registrationOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('registered'),
    worker: session.shape.worker,
    isCordoned: z.boolean(),
    /* A server works on a database of its own, always. */
    database: z.enum(['own', 'joined']).default('own'),
  }),
  z.object({
    kind: z.literal('name-taken'),
    host: z.string(),
    pid: z.number(),
    instance: z.string(),
    process: z.string(),
    heartbeat: z.string(),
  }),
  z.object({ kind: z.literal('not-yours'), owner: z.string() }),
]);

/** The outcome of a heartbeat; `replaced` means that another process has the worker's name. */
export const heartbeatOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('alive'),
    isCordoned: z.boolean(),
    claims: z.array(z.object({ execution, attempt: count, isCanceling: z.boolean() })).readonly(),
    /* Servers up to 0.1.0 do not tell. */
    scheduled: z
      .array(z.object({ execution, attempt: count }))
      .readonly()
      .default([]),
  }),
  z.object({ kind: z.literal('replaced') }),
]);
