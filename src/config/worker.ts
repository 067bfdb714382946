import { z } from 'zod';
import { LOG_RETENTIONS } from '#domain/shared-volume.ts';
import { WORKER_TYPES } from '#domain/worker.ts';
import { executionUser, executionUsers } from './limits.ts';
import { absolutePath, bytes, flag, labels, names, seconds, taints } from './setting-types.ts';

/** The section `worker`. Names and defaults are those of Attune's Rust control plane. */
export const worker = (hostname: string, isContainer: boolean) =>
  z
    .strictObject({ ...identity(hostname, isContainer), ...executions, ...life })
    .prefault({})
    .describe('The worker: what it is called, what it offers, and how long it waits for what.');

const identity = (hostname: string, isContainer: boolean) => ({
  name: z
    .string()
    .min(1)
    .max(255)
    .default(`worker-${hostname}`)
    .describe('Name of the worker. Two processes cannot work under one name at the same time'),
  worker_type: z
    .enum(WORKER_TYPES)
    .default(isContainer ? 'container' : 'local')
    .meta({
      description: 'Kind of worker, as it is registered',
      unset: '`container` inside a container, else `local`',
    }),
  runtimes: names.optional().meta({
    description:
      'Runtimes that the worker offers. Aliases are understood, a runtime that is absent is an error, and an empty list offers none',
    unset: 'every runtime that works',
  }),
  labels: labels.default({}).meta({ description: 'Labels that the selectors of executions match', unset: 'none' }),
  taints: taints
    .default([])
    .meta({ description: 'Taints, which keep away executions that do not tolerate them', unset: 'none' }),
  ephemeral: flag
    .default(false)
    .describe(
      'The worker is named after a container that will not come back: its row is removed `scheduler.forget_workers_after` seconds after its last heartbeat, and its queues after 5 minutes',
    ),
});

const executions = {
  max_concurrent_tasks: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe(
      'Executions at the same time. The limits of the container lower it to 8 per processor, and to one per 32 MiB of memory',
    ),
  inline: flag
    .default(true)
    .describe(
      'The worker runs code that comes with a request, of tokens with the scope `inline`; false: actions of packs alone',
    ),
  task_timeout: seconds
    .default(300)
    .describe('Seconds after which an execution is ended, unless its action has a limit of its own'),
  max_stdout_bytes: bytes.default(10_485_760).describe('Bytes that are kept of the stdout of an execution'),
  max_stderr_bytes: bytes.default(10_485_760).describe('Bytes that are kept of the stderr of an execution'),
  execution_log_retention_policy: z
    .enum(LOG_RETENTIONS)
    .default('days')
    .describe(
      "What `worker.execution_log_retention_limit` counts, for logs of Attune's Rust control plane whose action says nothing about it",
    ),
  execution_log_retention_limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_147_483_647)
    .default(7)
    .describe('How many versions, days, hours or minutes of such logs are kept'),
  exposed_secrets: z
    .enum(['warn', 'refuse'])
    .default('warn')
    .describe(
      'What a worker does that has a secret in a file which it cannot hide from its actions: `warn`, it says so and starts; `refuse`, it does not start. With another user for actions it never starts',
    ),
  execution_user: executionUser.optional().meta({
    description: 'User, and group if given, as which actions run. The agent must be root',
    unset: 'the user of the agent',
  }),
  execution_users: executionUsers.optional().meta({
    description:
      'Users as which actions run, each with the group of the same number: an execution has one for itself, so that none reaches the files or processes of another. Nobody else may be one of them, and there are no more executions at the same time than users. Wins over `worker.execution_user`',
    unset: 'that of `worker.execution_user`',
  }),
};

const life = {
  metrics_port: z.coerce.number().int().min(0).max(65_535).optional().meta({
    description:
      'Port on which the worker serves its own metrics at `/metrics`, to all who reach it; 0 takes any free one',
    unset: 'they are not served; those of `--standalone` are with those of its server',
  }),
  metrics_host: z.string().min(1).default('127.0.0.1').describe('Address on which the worker serves its metrics'),
  heartbeat_interval: z.coerce
    .number()
    .min(0.1)
    .max(300)
    .default(3)
    .describe(
      'Seconds between two heartbeats. A worker that has missed three is lost. Workers and servers must have the same value',
    ),
  shutdown_timeout: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .default(30)
    .describe(
      'Seconds from the first SIGTERM until the worker exits. Executions that still run then go back to the scheduler',
    ),
  spool_dir: absolutePath.optional().meta({
    description: 'Directory that keeps results and logs over a restart while the database is unreachable',
    unset: 'they are kept in memory only',
  }),
  spool_limit_bytes: bytes
    .default(16_777_216)
    .describe(
      'Bytes of logs, copies included, that may wait in memory for the database. At this limit, actions that write more are held up',
    ),
};
