import { z } from 'zod';
import { oneOfToday } from './values.ts';

/** What a worker has installed or compiled for a pack. */
const environment = z
  .object({
    key: z.string(),
    pack_ref: z.string(),
    runtime_ref: z.string(),
    status: oneOfToday(['pending', 'installing', 'ready', 'failed', 'outdated']),
    install_error: z.string().nullable(),
    worker: z.string().nullable(),
    updated: z.string(),
  })
  .meta({ id: 'Environment' });

export const environmentList = z.object({ environments: z.array(environment) });
