import { z } from 'zod';
import { nextCursor } from './values.ts';

export const worker = z
  .object({
    id: z.int(),
    name: z.string(),
    worker_type: z.string(),
    host: z.string(),
    status: z.string().meta({ description: '`active`; `inactive` of one that is alive: it drains' }),
    alive: z.boolean(),
    cordoned: z.boolean(),
    cordon_reason: z.string().nullable(),
    /** Why it takes nothing for now, in its own words. Servers up to 0.1.0 do not say. */
    paused: z.string().nullable().optional(),
    assigned: z.int(),
    max_concurrent_executions: z.int(),
    runtimes: z.array(z.string()),
    runtime_versions: z.record(z.string(), z.array(z.string())),
    agent_version: z.string().nullable().optional(),
    silent_ms: z.number().nullable().optional().meta({ description: 'how long ago it was heard of last' }),
    labels: z.record(z.string(), z.string()),
    taints: z.array(z.object({ key: z.string(), value: z.string(), effect: z.string() })),
  })
  .meta({ id: 'Worker' });
export type Worker = z.infer<typeof worker>;

export const workerList = z.object({ workers: z.array(worker), next_cursor: nextCursor });
export type WorkerList = z.infer<typeof workerList>;

/** The body of `POST /workers/{id}/cordon`. */
export const cordonRequest = z
  .strictObject({ reason: z.string().max(1000).default('') })
  .meta({ example: { reason: 'the disk is being exchanged' } });

/** The query of `DELETE /workers/{id}`. */
export const removalQuery = z.object({ force: z.enum(['true', 'false']).default('false') });

const runtime = z
  .object({
    name: z.string(),
    versions: z.array(z.object({ version: z.string(), workers: z.array(z.string()) })),
    workers: z.array(z.string()),
  })
  .meta({ id: 'Runtime' });
export type Runtime = z.infer<typeof runtime>;

export const runtimeList = z.object({
  runtimes: z.array(runtime),
  is_complete: z
    .boolean()
    .optional()
    .meta({ description: 'false: there are so many names of runtimes, versions and workers that some are left out' }),
  schedule_timeout: z
    .number()
    .optional()
    .meta({ description: 'seconds after which an execution that no worker could run is given up' }),
});
export type RuntimeList = z.infer<typeof runtimeList>;

const registeredRuntime = z
  .object({ ref: z.string(), name: z.string(), auto_detected: z.boolean(), execution_config: z.unknown() })
  .meta({ id: 'RegisteredRuntime' });
/** The registry of runtimes: how each is run, and how its dependencies are installed. */
export const runtimeRegistry = z.object({ runtimes: z.array(registeredRuntime), next_cursor: nextCursor });
