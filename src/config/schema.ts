import { z } from 'zod';
import { TAINT_EFFECTS, WORKER_TYPES } from '#domain/worker.ts';
import { certificates } from './certificates.ts';
import { executionUser, limits } from './limits.ts';

/** A setting that must not be shown: `url` hides the password in it, `whole` everything. */
export const secrets: Readonly<Record<string, 'url' | 'whole'>> = {
  'database.url': 'url',
  'message_queue.url': 'url',
  'agent.bootstrap_token': 'whole',
  'security.encryption_key': 'whole',
  'artifacts.s3_secret_access_key': 'whole',
  api_token: 'whole',
};

/** From YAML a list, from the environment comma-separated; empty means none. */
const names = z.union([z.array(z.string()), z.string().transform(partsOf)]);

/** From YAML a map, from the environment `zone=a,gpu=yes`. */
const labels = z.preprocess(
  (value, context) => {
    if (typeof value !== 'string') return value;
    const pairs = partsOf(value);
    for (const pair of pairs) if (pair.indexOf('=') < 1) context.addIssue(`'${pair}': expected key=value`);
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
  },
  z.record(z.string(), z.coerce.string()),
);

const taint = z.strictObject({
  key: z.string().min(1),
  value: z.coerce.string().default(''),
  effect: z.enum(TAINT_EFFECTS),
});

/** From YAML a list, from the environment `dedicated=ml:no_schedule,…`. */
const taints = z.preprocess((value, context) => {
  if (typeof value !== 'string') return value;
  return partsOf(value).flatMap((one) => {
    const [, key = '', text = '', effect] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(one) ?? [];
    const parsed = taint.safeParse({ key, value: text, effect });
    if (parsed.success) return [parsed.data];
    context.addIssue(`'${one}': expected ${TAINT_EFFECTS.map((name) => `key=value:${name}`).join(' or ')}`);
    return [];
  });
}, z.array(taint));

function partsOf(text: string): readonly string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

const url = (...protocols: string[]): z.ZodType<string> =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `expected a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

const seconds = z.coerce.number().positive().max(31_536_000);
const bytes = z.coerce.number().int().positive();

const flag = z.union([z.boolean(), z.stringbool()]);

const environments = z
  .strictObject({
    /** When the dependencies of packs are installed: at the first use, or as soon as a pack is there. */
    prepare: z.enum(['lazy', 'ahead']).default('lazy'),
    /** Installers may ask no network. */
    offline: flag.default(false),
    /** Seconds; it counts apart from the time of the execution that waits for it. */
    install_timeout: seconds.default(600),
    /** Unused for so many days, an environment is removed. */
    max_age_days: z.coerce.number().positive().max(3650).default(30),
    /** Of all together; those whose last use is longest ago are removed first. */
    max_bytes: bytes.default(21_474_836_480),
  })
  .prefault({});

const artifacts = z
  .strictObject({
    /** That servers and workers share. */
    directory: z.string().min(1).optional(),
    /** Instead of the directory: a bucket of a server that speaks S3. */
    s3_bucket: z.string().min(1).optional(),
    s3_endpoint: url('http:', 'https:').optional(),
    s3_region: z.string().min(1).optional(),
    s3_access_key_id: z.string().min(1).optional(),
    s3_secret_access_key: z.string().min(1).optional(),
    /** Before the name of each object. */
    s3_prefix: z.string().default('attune/'),
    /** That one execution may leave. */
    max_files: z.coerce.number().int().min(0).max(10_000).default(100),
    max_bytes: bytes.default(1_073_741_824),
  })
  .prefault({});

const controlPlane = {
  scheduler: z
    .strictObject({
      /** Seconds until a worker that has not claimed an execution is told again. */
      redispatch_after: seconds.default(10),
      /** Seconds that an execution waits for a worker that can run it. */
      schedule_timeout: seconds.default(300),
      /** Seconds that ephemeral workers are remembered after their last heartbeat. */
      forget_workers_after: seconds.default(600),
      log_retention_days: z.coerce.number().int().min(1).max(3650).default(14),
    })
    .prefault({}),
  server: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      /** 0: any free one. */
      port: z.coerce.number().int().min(0).max(65_535).default(8080),
      /** Of one token or, without one, of one address; 0: no bound. */
      requests_per_second: z.coerce.number().int().min(0).max(1_000_000).default(500),
    })
    .prefault({}),
  agent: z
    .strictObject({
      /** Holds attune-agent-x86_64 and attune-agent-aarch64 for download; absent: this program itself. */
      binary_dir: z.string().min(1).optional(),
      /** Allows the download, besides tokens of the API. */
      bootstrap_token: z.string().min(16, 'expected 16 characters at least').optional(),
    })
    .prefault({}),
  security: z
    .strictObject({
      /** Values of keys are encrypted with it, as the existing control plane does. */
      encryption_key: z.string().min(16, 'expected 16 characters at least').optional(),
    })
    .prefault({}),
};

/** Names and defaults are those of the existing implementation. */
export function configSchema(hostname: string, isContainer: boolean) {
  return z.strictObject({
    database: z.strictObject({ url: url('postgres:', 'postgresql:').optional(), ...certificates }).prefault({}),
    message_queue: z.strictObject({ url: url('amqp:', 'amqps:').optional(), ...certificates }).prefault({}),
    worker: z
      .strictObject({
        name: z.string().min(1).max(255).default(`worker-${hostname}`),
        worker_type: z.enum(WORKER_TYPES).default(isContainer ? 'container' : 'local'),
        /** Advertise only these; absent: all that work here. */
        runtimes: names.optional(),
        /** Seconds; an action may set its own. */
        task_timeout: seconds.default(300),
        max_stdout_bytes: bytes.default(10_485_760),
        max_stderr_bytes: bytes.default(10_485_760),
        /** Executions at once; never above what the container's limits on CPU and memory allow. */
        max_concurrent_tasks: z.coerce.number().int().min(1).max(1000).default(10),
        labels: labels.default({}),
        taints: taints.default([]),
        /** Named after a container that will not come again: its row and its queues go soon after it. */
        ephemeral: flag.default(false),
        /** As whom actions run; absent: as the agent. The agent must be root. */
        execution_user: executionUser.optional(),
        /** Seconds from the first signal until the end, whatever runs. */
        shutdown_timeout: z.coerce.number().min(0).max(86_400).default(30),
        /** Seconds; silent for three of them, a worker is lost. */
        heartbeat_interval: z.coerce.number().min(0.1).max(300).default(3),
        /** Where results and logs survive a restart while the database is away; absent: in memory only. */
        spool_dir: z.string().startsWith('/', 'expected an absolute path').optional(),
        /** Bytes of logs that may wait for the database; then actions that write more wait too. */
        spool_limit_bytes: bytes.default(67_108_864),
      })
      .prefault({}),
    limits,
    ...controlPlane,
    log: z.strictObject({ format: z.enum(['text', 'json']).default('text') }).prefault({}),
    /** Where clients find the API; actions get it as ATTUNE_API_URL. */
    api_url: url('http:', 'https:').optional(),
    /** With which clients call the API. */
    api_token: z.string().min(1).optional(),
    /** All that --standalone keeps. */
    data_dir: z.string().min(1).optional(),
    packs_base_dir: z.string().min(1).default('packs'),
    /** Holds PACK.tar.gz of packs that are not in packs_base_dir; absent: the server at api_url has them. */
    pack_archives_dir: z.string().min(1).optional(),
    artifacts,
    /** Where the dependencies of packs are installed; absent: beside the private directories of executions. */
    runtime_envs_dir: z.string().startsWith('/', 'expected an absolute path').optional(),
    environments,
    /** Where executions get their private directories; absent: the first writable of the usual places. */
    work_dir: z.string().startsWith('/', 'expected an absolute path').optional(),
  });
}

/** Everything that can be configured, checked, with its defaults filled in. */
export type Config = z.infer<ReturnType<typeof configSchema>>;
