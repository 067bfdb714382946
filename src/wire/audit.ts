import { z } from 'zod';

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

export const auditPage = z.object({ entries: z.array(auditEntry) });
