import { z } from 'zod';
import { names, networks, seconds, secret, url } from './setting-types.ts';

/** An origin as browsers send it. */
function isOrigin(text: string): boolean {
  return (
    /^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:\d+)?$/.test(text) &&
    URL.canParse(text) &&
    new URL(text).origin === text
  );
}

/** The sections `scheduler`, `server`, `agent` and `security`. */
export const controlPlane = {
  scheduler: z
    .strictObject({
      redispatch_after: seconds.default(10).describe('Seconds before an unclaimed execution is dispatched again'),
      schedule_timeout: seconds
        .default(300)
        .describe(
          'Seconds that an execution waits for a worker that can run it, before it ends with the status `timeout`',
        ),
      forget_workers_after: seconds
        .default(600)
        .describe('Seconds after its last heartbeat until an ephemeral worker is removed'),
      log_retention_days: z.coerce
        .number()
        .int()
        .min(1)
        .max(3650)
        .default(14)
        .describe('Days that logs are kept. They are removed by whole days'),
    })
    .prefault({})
    .describe('The scheduler and the monitor.'),
  server: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .default('127.0.0.1')
        .describe('Address on which the API listens. A server without any token listens on loopback only'),
      port: z.coerce
        .number()
        .int()
        .min(0)
        .max(65_535)
        .default(8080)
        .describe('Port on which the API listens; 0 takes any free one'),
      requests_per_second: z.coerce
        .number()
        .int()
        .min(0)
        .max(1_000_000)
        .default(500)
        .describe('Requests per second of one token, or of one address without a valid token; 0 sets no limit'),
      most_unfinished: z.coerce
        .number()
        .int()
        .min(0)
        .max(100_000_000)
        .default(100_000)
        .describe(
          'Executions of one token, of one schedule, or of what the executions of one action request, that have not ended; more are refused with 429. 0 sets no limit',
        ),
      drain_time: z.coerce
        .number()
        .min(0)
        .max(600)
        .default(1)
        .describe(
          'Seconds for which a server that was told to stop goes on answering, while its /readyz says `draining`, so that a balancer notices first',
        ),
      public_url: url('http:', 'https:').optional().meta({
        description: 'Address of this server as workers reach it, which `bootstrap.sh` gives them',
        unset:
          'where `server.host` is an address of loopback: that and the port; else `bootstrap.sh` must be given ATTUNE_API_URL',
      }),
      base_path: z
        .string()
        .regex(/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)*$/, 'expected a path such as /attune, without . and .. in it')
        .default('')
        .meta({
          description:
            'Path below which a proxy serves this server, such as `/attune`: the page, the API and what answers name. Requests may come with it or without',
          unset: 'the root',
        }),
      cors_origins: names
        .refine(
          (all) => all.every(isOrigin),
          'expected origins such as https://app.example.com, each written out: no * stands for several',
        )
        .default([])
        .meta({
          description:
            'Origins of other pages, such as `https://app.example.com`, whose scripts may call the API with a token',
          unset: 'none',
        }),
      trusted_proxies: networks.default([]).meta({
        description: 'Proxies whose X-Forwarded-For tells the address of the client, for limits and the audit log',
        unset: 'none: the address is that of the connection',
      }),
    })
    .prefault({})
    .describe('The API.'),
  agent: z
    .strictObject({
      binary_dir: z.string().min(1).optional().meta({
        description: 'Directory with the files `attune-agent-x86_64` and `attune-agent-aarch64` for download',
        unset: 'this program itself, for its own processor',
      }),
      bootstrap_token: z
        .preprocess((value) => (value === '' ? undefined : value), secret.optional())
        .describe('Token that allows the download, besides the tokens of the API'),
    })
    .prefault({})
    .describe('The download of the agent from the server.'),
  security: z
    .strictObject({
      encryption_key: secret.optional().meta({
        description:
          'Key with which keys and secret results are encrypted: 32 random bytes in hexadecimal digits or Base64 (`openssl rand -hex 32`), or a passphrase. Servers and workers must have the same one',
        unset: '`--standalone` makes one; else nothing can be encrypted',
      }),
      jwt_secret: z.string().min(1).optional().meta({
        description:
          "Secret with which the API of Attune's Rust control plane signs tokens. A worker of it signs those of executions with it",
        unset: 'executions of that control plane get no token',
      }),
    })
    .prefault({})
    .describe('Encryption.'),
};
