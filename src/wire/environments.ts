import { z } from 'zod';
import { PACK_ENVIRONMENT_STATUSES } from '#domain/environment-ledger.ts';
import { oneOfToday } from './values.ts';

/** An environment: what a worker has installed or compiled for a pack. */
const environment = z
  .object({
    key: z.string(),
    pack_ref: z.string(),
    runtime_ref: z.string(),
    status: oneOfToday(PACK_ENVIRONMENT_STATUSES),
    install_error: z.string().nullable(),
    worker: z.string().nullable(),
    updated: z.string(),
  })
  .meta({ id: 'Environment' });

export const environmentList = z.object({ environments: z.array(environment) });
export type EnvironmentList = z.infer<typeof environmentList>;
