import { z } from 'zod';
import { networks, seconds } from './setting-types.ts';

/** The values of a setting that says the tokens whose callbacks are called. */
const CALLBACK_RULES = ['none', 'admin', 'unconfined', 'all'] as const;

/** The section `webhooks`. */
export const webhooks = z
  .strictObject({
    allow_networks: networks.default([]).meta({
      description:
        'Networks to which webhooks and callbacks may lead although they are not public, such as `10.0.0.0/8`',
      unset: 'none: private, loopback and link-local addresses and those of metadata services are refused',
    }),
    callbacks: z
      .enum(CALLBACK_RULES)
      .default('unconfined')
      .describe(
        'Which tokens may give a `callback_url` with what they request: those that are not confined to packs or actions, those with the scope `admin`, all, or none',
      ),
    give_up_after: seconds
      .default(86_400)
      .describe(
        'Seconds after the end of an execution for which its message is tried again, before it is a dead letter',
      ),
    most_waiting: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe(
        'Messages of one webhook that wait at most: servers give up the oldest beyond them, as dead letters of which each tells of many',
      ),
  })
  .prefault({})
  .describe('What servers send when executions end.');
