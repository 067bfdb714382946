import { z } from 'zod';
import { seconds } from './setting-types.ts';

const days = z.coerce.number().int().min(1).max(36_500);
const count = z.coerce.number().int().min(1).max(1_000_000_000);
const FOREVER = 'they are kept, whatever their age';
const ANY_NUMBER = 'they are kept, whatever their number';

/** The section `retention`. */
export const retention = z
  .strictObject({
    interval: seconds
      .default(300)
      .describe('Seconds between two looks at what is to be removed, about. One server at a time removes'),
    execution_days: days.optional().meta({
      description: 'Days after their end for which executions are kept, with their parameters and results',
      unset: FOREVER,
    }),
    execution_count: count.optional().meta({
      description: 'Number of the newest executions that are kept; what has not ended stays in any case',
      unset: ANY_NUMBER,
    }),
    result_days: days.optional().meta({
      description: 'Days after their end for which executions keep their results',
      unset: 'they keep them',
    }),
    result_count: count.optional().meta({
      description: 'Number of the newest executions that keep their results',
      unset: 'all keep them',
    }),
    artifact_days: days.optional().meta({
      description: 'Days for which versions of artifacts are kept, with their files',
      unset: FOREVER,
    }),
    artifact_count: count.optional().meta({
      description: 'Number of the newest versions of all artifacts that are kept',
      unset: ANY_NUMBER,
    }),
    audit_days: days.max(400).default(400).describe('Days for which entries of the audit log are kept'),
    audit_count: count.optional().meta({
      description: 'Number of the newest entries of the audit log that are kept',
      unset: ANY_NUMBER,
    }),
    token_days: days
      .default(30)
      .describe('Days for which tokens are kept after they have expired or were revoked, those of logins too'),
    token_count: count
      .default(10_000)
      .describe('Number of the newest tokens that are kept; what is valid stays in any case'),
    dead_letter_days: days.optional().meta({
      description: 'Days for which dead letters are kept',
      unset: 'as long as logs (`scheduler.log_retention_days`), which is the longest in any case',
    }),
    dead_letter_count: count.default(10_000).describe('Number of the newest dead letters that are kept'),
  })
  .prefault({})
  .describe('What is kept, for how long, and how much of it.');
