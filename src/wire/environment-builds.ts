import { z } from 'zod';
import { text } from './worker-values.ts';

/** An environment that a worker wants to build. */
export const environmentIdentity = z.object({ key: text, packRef: text, runtime: text, checksum: text });

export const buildRight = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mine') }),
  z.object({ kind: z.literal('taken') }),
  z.object({ kind: z.literal('failed'), error: z.string(), retryInMs: z.number() }),
]);

export const buildEnd = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), error: z.string().max(10_000) }),
  z.object({ kind: z.literal('released') }),
]);
