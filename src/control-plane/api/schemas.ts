import { z } from '@hono/zod-openapi';
import { KEY_OWNERS } from '#domain/admin-store.ts';
import type { ActionView, ExecutionView, WorkerView } from '#domain/client-store.ts';
import { EXECUTION_STATUSES } from '#domain/execution-status.ts';

/** Shapes of requests and answers, by the names of the tables. The OpenAPI document is made of these. */

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().openapi({ description: 'stable; what a program should look at' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

const anyObject = z.record(z.string(), z.unknown());
/** Ids are 64 bits wide; those that JSON's numbers can hold are accepted. */
export const idText = z.string().regex(/^[1-9]\d{0,14}$/, 'expected a whole number');

export const id = z.object({ id: idText.openapi({ param: { name: 'id', in: 'path' }, example: '17' }) });
export const ref = z.object({
  ref: z
    .string()
    .min(1)
    .max(500)
    .openapi({ param: { name: 'ref', in: 'path' } }),
});

export const execution = z
  .object({
    id: z.int(),
    action_ref: z.string(),
    status: z.enum(EXECUTION_STATUSES),
    parameters: z.unknown(),
    result: z.unknown().nullable(),
    worker: z.int().nullable(),
    attempt: z.int(),
    retry_count: z.int(),
    retry_reason: z.string().nullable(),
    original_execution: z.int().nullable(),
    is_adhoc: z.boolean().openapi({ description: 'of code that came along with the request' }),
    started_at: z.string().nullable(),
    created: z.string(),
    updated: z.string(),
  })
  .openapi('Execution');

const environmentVariable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'no name of an environment variable');

export const executionRequest = z
  .strictObject({
    action_ref: z.string().min(1).max(500).optional(),
    inline: z
      .strictObject({
        runtime: z.string().min(1).max(100).openapi({ example: 'python' }),
        code: z.string().min(1).max(1_000_000),
        runtime_version: z.string().max(200).optional().openapi({ example: '>=3.9' }),
        parameter_delivery: z.enum(['stdin', 'file']).optional(),
        parameter_format: z.enum(['json', 'dotenv', 'yaml']).optional(),
        output_format: z.enum(['text', 'json', 'yaml', 'jsonl']).optional(),
      })
      .optional()
      .openapi({ description: 'code instead of an action, and the runtime that runs it' }),
    parameters: anyObject.default({}),
    env_vars: z.record(environmentVariable, z.string()).optional(),
    timeout_seconds: z.int().positive().max(31_536_000).optional(),
    max_retries: z.int().min(0).max(1000).optional(),
    worker_selector: z.record(z.string(), z.string()).optional(),
  })
  .refine((one) => (one.action_ref === undefined) !== (one.inline === undefined), {
    message: 'expected either action_ref or inline',
  })
  .openapi('ExecutionRequest');

export const executionQuery = z.object({
  status: z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === '' ? undefined : text.split(',')))
    .pipe(z.array(z.enum(EXECUTION_STATUSES)).optional())
    .openapi({ type: 'string', description: 'one or several, with commas', example: 'running,scheduled' }),
  action_ref: z.string().min(1).max(500).optional(),
  worker: idText.optional(),
  cursor: idText.optional().openapi({ description: 'next_cursor of the page before' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const executionPage = z
  .object({ executions: z.array(execution), next_cursor: z.string().nullable() })
  .openapi('ExecutionPage');

export const action = z
  .object({
    ref: z.string(),
    label: z.string(),
    description: z.string().nullable(),
    pack_ref: z.string(),
    runtime: z.string().nullable(),
    runtime_version: z.string().nullable(),
    param_schema: anyObject.nullable(),
  })
  .openapi('Action');

export const pack = z
  .object({ ref: z.string(), label: z.string(), version: z.string(), actions: z.int() })
  .openapi('Pack');

export const worker = z
  .object({
    id: z.int(),
    name: z.string(),
    worker_type: z.string(),
    host: z.string(),
    status: z.string(),
    alive: z.boolean(),
    cordoned: z.boolean(),
    cordon_reason: z.string().nullable(),
    assigned: z.int(),
    max_concurrent_executions: z.int(),
    runtimes: z.array(z.string()),
    runtime_versions: z.record(z.string(), z.array(z.string())),
    labels: z.record(z.string(), z.string()),
    taints: z.array(z.object({ key: z.string(), value: z.string(), effect: z.string() })),
  })
  .openapi('Worker');

export const runtime = z
  .object({
    name: z.string(),
    versions: z.array(z.object({ version: z.string(), workers: z.array(z.string()) })),
    workers: z.array(z.string()),
  })
  .openapi('Runtime');

const keyName = z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/, 'letters, digits, _ . and - only');

export const keyRequest = z
  .strictObject({
    name: keyName,
    owner_type: z.enum(KEY_OWNERS).default('system'),
    owner: keyName.optional().openapi({ description: 'ref of the pack or action' }),
    value: z.union([z.string(), z.number(), z.boolean(), anyObject, z.array(z.unknown())]),
  })
  .refine((one) => (one.owner === undefined) === (one.owner_type === 'system'), {
    message: 'owner belongs to owner_type pack and action, and only to them',
    path: ['owner'],
  })
  .openapi('KeyRequest');

export const key = z
  .object({
    ref: z.string(),
    name: z.string(),
    owner_type: z.string(),
    owner: z.string().nullable(),
    updated: z.string().optional(),
  })
  .openapi('Key');

export function describeExecution(view: ExecutionView): z.infer<typeof execution> {
  return {
    id: Number(view.execution),
    action_ref: view.actionRef,
    status: view.status,
    is_adhoc: view.isAdhoc,
    parameters: view.parameters,
    result: view.result ?? null,
    worker: view.worker === undefined ? null : Number(view.worker),
    attempt: view.attempt,
    retry_count: view.retryCount,
    retry_reason: view.retryReason ?? null,
    original_execution: view.original === undefined ? null : Number(view.original),
    started_at: view.startedAt ?? null,
    created: view.created,
    updated: view.updated,
  };
}

export function describeAction(view: ActionView): z.infer<typeof action> {
  return {
    ref: view.actionRef,
    label: view.label,
    description: view.description ?? null,
    pack_ref: view.packRef,
    runtime: view.runtime ?? null,
    runtime_version: view.runtimeVersion ?? null,
    param_schema: view.parameterSchema ?? null,
  };
}

export function describeWorker(view: WorkerView): z.infer<typeof worker> {
  const { runtimes, runtimeVersions, labels, taints } = view;
  return {
    id: Number(view.worker),
    name: view.name,
    worker_type: view.workerType,
    host: view.host,
    status: view.status,
    alive: view.isFresh,
    cordoned: view.isCordoned,
    cordon_reason: view.cordonReason ?? null,
    assigned: view.assigned,
    max_concurrent_executions: view.slots,
    runtimes: [...runtimes],
    runtime_versions: Object.fromEntries(Object.entries(runtimeVersions).map(([name, all]) => [name, [...all]])),
    labels,
    taints: [...taints],
  };
}
