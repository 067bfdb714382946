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
    verify: z.enum(['start', 'use']).optional().meta({
      description:
        'When an environment is compared with what was built, and built again where it differs: `start`, before its first use after each start of the agent; `use`, before each use, which takes a look at the time of change of each file. Programs that write into their own environments have them built again each time with `use`',
      unset: "`use` where actions are the agent's own user, which is not root, and may write; else `start`",
    }),
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
