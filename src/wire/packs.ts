import { z } from 'zod';
import { anyObject, nextCursor } from './values.ts';

export const action = z
  .object({
    ref: z.string(),
    label: z.string(),
    description: z.string().nullable(),
    pack_ref: z.string(),
    runtime: z.string().nullable(),
    runtime_version: z.string().nullable(),
    param_schema: anyObject.nullable(),
    env_vars: z.array(z.string()).optional(),
    stored_keys: z
      .array(z.string())
      .optional()
      .meta({ description: 'of one action: its secret parameters for which a key stands in where they are not given' }),
  })
  .meta({ id: 'Action' });
export type Action = z.infer<typeof action>;

export const actionList = z.object({ actions: z.array(action), next_cursor: nextCursor });
export type ActionList = z.infer<typeof actionList>;

/* Not the one an extension of the other: their documents would contradict each other about the actions. */
const packMembers = { ref: z.string(), label: z.string(), version: z.string() };
const pack = z
  .object({
    ...packMembers,
    actions: z.int(),
    kept_versions: z.int().optional().meta({
      description:
        'how many versions of it the server keeps: 0 of a pack that was not sent to it, 2 where it can go back to the one before',
    }),
  })
  .meta({ id: 'Pack' });

const brokenPack = z
  .object({ ref: z.string().meta({ description: 'a pack, or one of its actions' }), problem: z.string() })
  .meta({ id: 'BrokenPack' });

export const packList = z.object({
  packs: z.array(pack),
  broken: z.array(brokenPack).optional(),
  next_cursor: nextCursor,
});
export type PackList = z.infer<typeof packList>;

export const packWithActions = z
  .object({ ...packMembers, actions: z.array(action), next_cursor: nextCursor })
  .meta({ id: 'PackWithActions' });
export type PackWithActions = z.infer<typeof packWithActions>;
