import { z } from 'zod';
import { idText } from './values.ts';

const auditEntry = z
  .object({
    id: z.number(),
    at: z.string(),
    actor: z.string(),
    token: z.number().nullable(),
    address: z.string().nullable(),
    action: z.string(),
    subject: z.string(),
    status: z.number(),
  })
  .meta({ id: 'AuditEntry' });

/** The query of `GET /audit`. */
export const auditQuery = z.object({
  actor: z.string().min(1).max(500).optional().meta({ description: 'the name of a token' }),
  before: idText.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type AuditQuery = z.input<typeof auditQuery>;

export const auditPage = z.object({ entries: z.array(auditEntry) });
export type AuditPage = z.infer<typeof auditPage>;
