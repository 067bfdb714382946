import { z } from 'zod';
import { artifacts } from './artifacts.ts';
import { certificates } from './certificates.ts';
import { controlPlane } from './control-plane.ts';
import { limits } from './limits.ts';
import { oidc } from './oidc.ts';
import { environments } from './pack-environments.ts';
import { retention } from './retention.ts';
import { absolutePath, anyPath, flag, url } from './setting-types.ts';
import { tracing } from './tracing.ts';
import { webhooks } from './webhooks.ts';
import { worker } from './worker.ts';

/**
 * The settings that must not be shown: `whole` hides everything, `url` the secrets in it, and `address` those of a URL that
 * usually has none.
 */
export const secrets: Readonly<Record<string, 'url' | 'address' | 'whole'>> = {
  'database.url': 'url',
  'message_queue.url': 'url',
  'agent.bootstrap_token': 'whole',
  'security.encryption_key': 'whole',
  'security.jwt_secret': 'whole',
  'oidc.client_secret': 'whole',
  'artifacts.s3_secret_access_key': 'whole',
  'tracing.headers': 'whole',
  'tracing.url': 'url',
  api_token: 'whole',
  api_url: 'address',
  'server.public_url': 'address',
  'artifacts.s3_endpoint': 'address',
  'oidc.issuer': 'address',
};

/** Every setting, with a sentence for the documentation (`description`) and what holds while it is not set (`unset`). */
export function configSchema(hostname: string, isContainer: boolean) {
  return z.strictObject({
    ...servers,
    worker: worker(hostname, isContainer),
    limits,
    ...controlPlane,
    retention,
    webhooks,
    oidc,
    artifacts,
    environments,
    log,
    tracing,
    ...plainSettings,
  });
}

const servers = {
  database: z
    .strictObject({
      url: url('postgres:', 'postgresql:')
        .optional()
        .describe(
          'Address of the PostgreSQL database, whose schema `attune-agent migrate` makes. The parameter `sslmode` takes the values of libpq: disable, allow, prefer, require, verify-ca, verify-full',
        ),
      ...certificates,
    })
    .prefault({})
    .describe('The database.'),
  message_queue: z
    .strictObject({
      url: url('amqp:', 'amqps:')
        .optional()
        .describe(
          'Address of RabbitMQ. With `amqps` the connection uses TLS and checks the certificate and its name, unless the parameter `verify` is `verify_none`',
        ),
      events: flag
        .default(false)
        .describe(
          'Whether a message about each change of a status is published to `attune.executions`, for programs that have bound a queue to it. The servers of a database should agree: the last that started decides',
        ),
      ...certificates,
    })
    .prefault({})
    .describe('The message broker.'),
};

/** The levels and formats that Attune's Rust control plane has. `trace` is the same as `debug` here. */
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'off'] as const;
const textFormats = ['pretty', 'compact', 'full'];

const log = z
  .strictObject({
    format: z
      .preprocess((value) => (textFormats.includes(String(value)) ? 'text' : value), z.enum(['text', 'json']))
      .default('text')
      .meta({ description: 'Format of the log lines on stderr', kind: '`text` (also `pretty`, `compact`) or `json`' }),
    level: z
      .preprocess((value) => (typeof value === 'string' ? levelOf(value) : value), z.enum(levels))
      .default('info')
      .meta({
        description:
          'The least level that the log shows: `debug` and `trace` add each request to a server, `warn` leaves out what is usual, `error` shows what is lost and what must not happen',
        kind: levels.map((level) => `\`${level}\``).join(' or '),
      }),
  })
  .prefault({})
  .describe('The log of the agent itself.');

/** The level for everything of a text that may also name levels for parts: `info,sqlx=warn`. */
function levelOf(text: string): string {
  const whole = text.split(',').find((part) => !part.includes('='));
  return (whole ?? 'info').trim().toLowerCase();
}

const plainSettings = {
  api_url: url('http:', 'https:').optional().meta({
    description:
      'Address of an Attune server: verbs call its API, a worker without a database works by it, and actions find it in `ATTUNE_API_URL`',
    unset: 'for verbs the address that `login` has kept, else that of `server.host` and `server.port`',
  }),
  api_token: z.string().min(1).optional().meta({
    description: 'Token for the API',
    unset: 'for verbs the token that `login` has kept',
  }),
  api_context: z.string().min(1).optional().meta({
    description: 'Which of the servers that `login` has kept verbs call; `api_url` does not count then',
    unset: 'the newest login, or what `contexts use` has chosen',
  }),
  data_dir: anyPath.optional().meta({
    description: 'Directory in which `--standalone` keeps its data, and a server the packs that are sent to it',
    unset: '`$XDG_STATE_HOME/attune-agent`, else `~/.local/state/attune-agent`',
  }),
  packs_base_dir: anyPath.prefault('packs').describe('Directory that holds the packs. It is read, and never written'),
  installed_packs_dir: anyPath.optional().meta({
    description:
      'Directory in which a server keeps the packs that are sent to it, with the version before the current one. Several servers share it; a worker that it is set for takes packs from there too',
    unset: '`packs` in the directory of `data_dir`',
  }),
  pack_archives_dir: anyPath.optional().meta({
    description: 'Directory with the archives `PACK.tar.gz` of packs that are not in `packs_base_dir`',
    unset: 'the server of `api_url`, if there is one',
  }),
  runtime_envs_dir: anyPath.optional().meta({
    description: 'Directory in which the dependencies of packs are installed. Workers may share it',
    unset: 'a directory beside the private directories of executions',
  }),
  artifacts_dir: anyPath
    .prefault('/opt/attune/artifacts')
    .describe(
      "Directory for logs and artifacts that Attune's Rust control plane shares with its workers. Only executions of that control plane use it",
    ),
  work_dir: absolutePath.optional().meta({
    description: 'Directory in which each execution gets its private directory',
    unset:
      'the first writable one of `TMPDIR`, `/tmp`, `/var/tmp`, `/dev/shm` and `/run`; those that allow programs to be run come first',
  }),
};

/** The configuration: all settings, checked, with their defaults filled in. */
export type Config = z.infer<ReturnType<typeof configSchema>>;
