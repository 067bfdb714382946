import { z } from 'zod';
import { SCOPES } from '#domain/admin-store.ts';
import type { Confinement } from '#domain/confinement.ts';

/** A name of a token: no number, since a token may also be named by its id. */
export const TOKEN_NAME = /^(?!\d+$)[\p{L}\d_.@ -]{1,100}$/u;

/** The names of tokens in ASCII: readers of the API document do not know letters of other alphabets. */
const IN_ASCII = '^(?![0-9]+$)[A-Za-z0-9_.@ -]{1,100}$';

/** What a token is confined to. */
export const confinementMembers = {
  packs: z
    .array(z.string())
    .nullable()
    .meta({ description: 'the packs whose actions alone it reaches; null: it is not confined' }),
  actions: z
    .array(z.string())
    .nullable()
    .meta({ description: 'the actions that it reaches beside those of its packs; null: it is not confined' }),
};

/** A confinement as answers show it. */
export function confinementAsShown(confinedTo: Confinement | undefined): {
  packs: string[] | null;
  actions: string[] | null;
} {
  return confinedTo
    ? { packs: [...confinedTo.packs], actions: [...confinedTo.actions] }
    : { packs: null, actions: null };
}

/** A token without its secret. */
const tokenMembers = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  created: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  last_used_at: z.string().nullable().meta({ description: 'to the minute; null: not since servers note it' }),
  ...confinementMembers,
};

export const token = z.object(tokenMembers).meta({ id: 'Token' });
export type Token = z.infer<typeof token>;

export const tokenList = z.object({ tokens: z.array(token) });
export type TokenList = z.infer<typeof tokenList>;

/** Packs or actions that a token is to be confined to. */
const MOST_CONFINED_TO = 100;
const refs = z.array(z.string().min(1).max(500)).min(1).max(MOST_CONFINED_TO).optional();

/** The body of `POST /tokens`. */
export const tokenRequest = z
  .strictObject({
    name: z
      .string()
      .regex(TOKEN_NAME, 'at most 100 letters, digits, dots, dashes, at signs and spaces, and not a number')
      .meta({ pattern: IN_ASCII, description: 'letters may be those of any alphabet' }),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'absent: never', example: '2126-01-31T09:00:00Z' }),
    packs: refs.meta({
      description:
        'the token reaches the actions of these packs and those in `actions` alone; its scopes are `submit` and `read` then. Absent, as `actions` is: it is not confined',
    }),
    actions: refs.meta({ description: 'actions that the token reaches beside those of `packs`' }),
  })
  .meta({ id: 'TokenRequest', example: { name: 'laptop', scopes: ['read', 'submit'] } });
export type TokenRequest = z.input<typeof tokenRequest>;

/** A new token with its secret, which is shown once. */
export const createdToken = z.object({ ...tokenMembers, token: z.string() }).meta({ id: 'CreatedToken' });
export type CreatedToken = z.infer<typeof createdToken>;
