import { z } from 'zod';
import { KEY_OWNERS } from '#domain/admin-store.ts';
import { anyObject, nextCursor } from './values.ts';

const keyName = z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/, 'letters, digits, _ . and - only');

/** The body of `POST /keys`. */
export const keyRequest = z
  .strictObject({
    name: keyName,
    owner_type: z.enum(KEY_OWNERS).default('system'),
    owner: keyName.optional().meta({ description: 'ref of the pack or action' }),
    value: z.union([z.string(), z.number(), z.boolean(), anyObject, z.array(z.unknown())]),
  })
  .refine((one) => (one.owner === undefined) === (one.owner_type === 'system'), {
    message: 'owner belongs to owner_type pack and action, and only to them',
    path: ['owner'],
  })
  .meta({
    id: 'KeyRequest',
    anyOf: [
      { properties: { owner_type: { const: 'system' }, owner: false } },
      { properties: { owner_type: { enum: ['pack', 'action'] } }, required: ['owner_type', 'owner'] },
    ],
    example: { name: 'smtp_password', owner_type: 'pack', owner: 'mail', value: 'correct horse' },
  });

export type KeyRequest = z.input<typeof keyRequest>;

/** A key without its value, which never comes back. */
export const key = z
  .object({
    ref: z.string(),
    name: z.string(),
    owner_type: z.string(),
    owner: z.string().nullable(),
    updated: z.string().optional(),
  })
  .meta({ id: 'Key' });

export const keyList = z.object({ keys: z.array(key), next_cursor: nextCursor });
export type KeyList = z.infer<typeof keyList>;
