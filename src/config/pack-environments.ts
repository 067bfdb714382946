import { z } from 'zod';
import { bytes, flag, seconds } from './setting-types.ts';

/** The section `environments`. */
export const environments = z
  .strictObject({
    prepare: z
      .enum(['lazy', 'ahead'])
      .default('lazy')
      .describe(
        'When dependencies are installed: `lazy`, at the first use; `ahead`, when the worker starts and when a pack is registered',
      ),
    offline: flag.default(false).describe('Installers may not use the network'),
    install_timeout: seconds
      .default(600)
      .describe(
        'Seconds that one installation may take. They do not count against the time limit of the execution that waits for it',
      ),
    max_age_days: z.coerce
      .number()
      .positive()
      .max(3650)
      .default(30)
      .describe('Days after which an environment that nobody has used is removed'),
    max_bytes: bytes
      .default(21_474_836_480)
      .describe('Bytes of all environments together. The ones used longest ago are removed first'),
  })
  .prefault({})
  .describe('Environments of packs: their dependencies, installed once for all executions that need them.');
