import { z } from 'zod';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { TAINT_EFFECTS } from '#domain/worker.ts';

/** Capabilities as workers of any origin write them: what is absent or null counts as nothing. */
const schema = z.object({
  runtimes: z.array(z.string()).nullish(),
  max_concurrent_executions: z.number().int().min(0).nullish(),
  runtime_versions: z.record(z.string(), z.array(z.string())).nullish(),
  inline: z.boolean().nullish(),
  batched_dispatch: z.boolean().nullish(),
  labels: z.record(z.string(), z.coerce.string()).nullish(),
  taints: z
    .array(
      z.object({
        key: z.string(),
        value: z.coerce.string().nullish(),
        effect: z.enum(TAINT_EFFECTS),
      }),
    )
    .nullish(),
});

export type Offered = Pick<
  WorkerLoad,
  'runtimes' | 'runtimeVersions' | 'labels' | 'taints' | 'slots' | 'takesInline' | 'takesBatches'
>;

/**
 * Reads what a worker offers from its `capabilities` column. A worker whose column is malformed offers nothing: without
 * a taint that cannot be read, for example, it would get what it wants to be kept from it.
 */
export function readCapabilities(column: unknown): Offered {
  const parsed = schema.safeParse(column);
  if (!parsed.success) return { runtimes: [], runtimeVersions: {}, labels: {}, taints: [], slots: 0 };
  const { runtimes, runtime_versions, labels, taints, max_concurrent_executions } = parsed.data;
  return {
    runtimes: runtimes ?? [],
    runtimeVersions: runtime_versions ?? {},
    labels: labels ?? {},
    taints: (taints ?? []).map(({ key, value, effect }) => ({ key, value: value ?? '', effect })),
    slots: max_concurrent_executions ?? 0,
    takesInline: parsed.data.inline ?? true,
    takesBatches: parsed.data.batched_dispatch ?? false,
  };
}
