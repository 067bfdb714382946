import { z } from 'zod';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { TAINT_EFFECTS } from '#domain/worker.ts';

/** Capabilities as workers of any origin write them: what is absent or malformed counts as nothing. */
const schema = z.object({
  runtimes: z.array(z.string()).catch([]),
  max_concurrent_executions: z.number().int().min(0).catch(0),
  runtime_versions: z.record(z.string(), z.array(z.string())).catch({}),
  labels: z.record(z.string(), z.coerce.string()).catch({}),
  taints: z
    .array(
      z.object({
        key: z.string(),
        value: z.coerce.string().default(''),
        effect: z.enum(TAINT_EFFECTS),
      }),
    )
    .catch([]),
});

type Offered = Pick<WorkerLoad, 'runtimes' | 'runtimeVersions' | 'labels' | 'taints' | 'slots'>;

/** Reads what a worker offers from its `capabilities` column. */
export function readCapabilities(column: unknown): Offered {
  const parsed = schema.safeParse(column);
  if (!parsed.success) return { runtimes: [], runtimeVersions: {}, labels: {}, taints: [], slots: 0 };
  const { runtimes, runtime_versions, labels, taints, max_concurrent_executions } = parsed.data;
  return { runtimes, runtimeVersions: runtime_versions, labels, taints, slots: max_concurrent_executions };
}
