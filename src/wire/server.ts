import { z } from 'zod';
import { confinementMembers } from './tokens.ts';

export const health = z
  .object({
    status: z.string(),
    version: z.string(),
    problems: z.array(z.string()),
    words: z.array(z.string()).default([]),
  })
  .meta({ id: 'Health' });

/** The agents that a server hands out. */
export const agentInfo = z
  .object({
    version: z.string(),
    architectures: z.array(
      z.object({ arch: z.string(), size_bytes: z.int(), available: z.boolean(), sha256: z.string().nullable() }),
    ),
  })
  .meta({
    example: {
      version: '0.1.0',
      architectures: [{ arch: 'x86_64', size_bytes: 130_561_360, available: true, sha256: 'bbc8'.repeat(16) }],
    },
  });

/** The answer of `GET /token`. */
export const tokenInfo = z
  .object({
    name: z.string(),
    scopes: z.array(z.string()),
    /* Servers of earlier versions do not say it. */
    packs: confinementMembers.packs.optional(),
    actions: confinementMembers.actions.optional(),
  })
  .meta({ id: 'TokenInfo' });
export type TokenInfo = z.infer<typeof tokenInfo>;

/** The answer of `DELETE /token`. */
export const loggedOut = z
  .object({
    end_session_url: z.string().nullable().meta({
      description: 'where a browser that has logged in with a provider ends its session there too; null: there is none',
    }),
  })
  .meta({ id: 'LoggedOut' });
export type LoggedOut = z.infer<typeof loggedOut>;
