import { z } from 'zod';
import { SCOPES } from '#domain/admin-store.ts';

/** A name of a token: no number, since a token may also be named by its id. */
export const TOKEN_NAME = /^(?!\d+$)[\p{L}\d_.@ -]{1,100}$/u;

/** The same for readers of the document that do not know what a letter is. */
const IN_ASCII = '^(?![0-9]+$)[A-Za-z0-9_.@ -]{1,100}$';

/** A token without its secret. */
const tokenMembers = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  created: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  last_used_at: z.string().nullable().meta({ description: 'to the minute; null: not since servers note it' }),
};

const token = z.object(tokenMembers).meta({ id: 'Token' });
export type Token = z.infer<typeof token>;

export const tokenList = z.object({ tokens: z.array(token) });
export type TokenList = z.infer<typeof tokenList>;

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
  })
  .meta({ id: 'TokenRequest', example: { name: 'laptop', scopes: ['read', 'submit'] } });
export type TokenRequest = z.input<typeof tokenRequest>;

/** A new token with its secret, which is shown once. */
export const createdToken = z.object({ ...tokenMembers, token: z.string() }).meta({ id: 'CreatedToken' });
export type CreatedToken = z.infer<typeof createdToken>;
