import { z } from '@hono/zod-openapi';
import { idText, refPage } from '#wire/values.ts';

/** The query of a list that is ordered by refs, or by ids. */
export const page = z.object(refPage);

/** The parameter `{id}` of a path. */
export const id = z.object({ id: idText.meta({ param: { name: 'id', in: 'path' }, example: '17' }) });

/** The parameter `{ref}` of a path. */
export const ref = z.object({
  ref: z
    .string()
    .min(1)
    .max(500)
    .meta({ param: { name: 'ref', in: 'path' } }),
});
