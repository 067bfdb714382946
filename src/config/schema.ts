import { z } from 'zod';

/** A setting that must not be shown: `url` hides the password in it, `whole` everything. */
export const secrets: Readonly<Record<string, 'url' | 'whole'>> = {
  'database.url': 'url',
  'message_queue.url': 'url',
};

/** Variables with a name of their own, besides `ATTUNE__SECTION__KEY`. */
export const shortNames: Readonly<Record<string, string>> = {
  ATTUNE_WORKER_NAME: 'worker.name',
  ATTUNE_WORKER_TYPE: 'worker.worker_type',
  ATTUNE_WORKER_RUNTIMES: 'worker.runtimes',
  ATTUNE_PACKS_DIR: 'packs_base_dir',
  ATTUNE_WORK_DIR: 'work_dir',
};

/** From YAML a list, from the environment comma-separated; empty means none. */
const names = z.union([
  z.array(z.string()),
  z.string().transform((text) => text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))),
]);

const url = (...protocols: string[]): z.ZodType<string> =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `expected a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

const seconds = z.coerce.number().positive().max(31_536_000);
const bytes = z.coerce.number().int().positive();

/** Names and defaults are those of the existing implementation. */
export function configSchema(hostname: string, isContainer: boolean) {
  return z.strictObject({
    database: z.strictObject({ url: url('postgres:', 'postgresql:').optional() }).prefault({}),
    message_queue: z.strictObject({ url: url('amqp:', 'amqps:').optional() }).prefault({}),
    worker: z
      .strictObject({
        name: z.string().min(1).max(255).default(`worker-${hostname}`),
        worker_type: z.enum(['local', 'remote', 'container']).default(isContainer ? 'container' : 'local'),
        /** Advertise only these; absent: all that work here. */
        runtimes: names.optional(),
        /** Seconds; an action may set its own. */
        task_timeout: seconds.default(300),
        max_stdout_bytes: bytes.default(10_485_760),
        max_stderr_bytes: bytes.default(10_485_760),
      })
      .prefault({}),
    packs_base_dir: z.string().min(1).default('packs'),
    /** Where executions get their private directories; absent: the first writable of the usual places. */
    work_dir: z.string().startsWith('/', 'expected an absolute path').optional(),
  });
}

/** Everything that can be configured, checked, with its defaults filled in. */
export type Config = z.infer<ReturnType<typeof configSchema>>;
