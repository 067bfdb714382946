import { z } from 'zod';
import { LABEL_OPERATORS, noAffinity, type Requirements, TOLERATION_OPERATORS } from '#domain/requirements.ts';
import { TAINT_EFFECTS } from '#domain/worker.ts';

const rule = z.object({
  key: z.string(),
  operator: z.enum(LABEL_OPERATORS),
  values: z.array(z.coerce.string()).default([]),
});

const schema = z.object({
  selector: z.record(z.string(), z.coerce.string()).nullish(),
  tolerations: z
    .array(
      z.object({
        key: z.string().optional(),
        operator: z.enum(TOLERATION_OPERATORS).optional(),
        value: z.coerce.string().optional(),
        effect: z.enum(TAINT_EFFECTS).optional(),
      }),
    )
    .nullish(),
  affinity: z
    .object({
      required: z.array(rule).default([]),
      preferred: z.array(rule.extend({ weight: z.number().default(1) })).default([]),
    })
    .nullish(),
});

/** The columns of an execution's requirements: its own where it has some, else those of its action. */
export interface RequirementColumns {
  readonly has_action: boolean;
  /** 1 in SQLite. */
  readonly is_inline: boolean | number;
  readonly action_ref: string;
  readonly runtime: string | null;
  readonly runtime_version_constraint: string | null;
  readonly required_worker_runtimes: readonly string[];
  readonly selector: unknown;
  readonly tolerations: unknown;
  readonly affinity: unknown;
}

/** Reads the requirements of an execution; `problem` says what is malformed, which concerns that execution alone. */
export function readRequirements(row: RequirementColumns): Requirements | { readonly problem: string } {
  if (!row.has_action) return { problem: `there is no action ${row.action_ref}` };
  const parsed = schema.safeParse(row);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      problem: `worker_${issue?.path.join('.') ?? 'selector'} of it or of its action: ${issue?.message ?? 'malformed'}`,
    };
  }
  return {
    runtime: row.runtime ?? undefined,
    versionConstraint: row.runtime_version_constraint ?? undefined,
    requiredRuntimes: row.required_worker_runtimes,
    selector: parsed.data.selector ?? {},
    tolerations: parsed.data.tolerations ?? [],
    affinity: parsed.data.affinity ?? noAffinity,
    isInline: Boolean(row.is_inline),
  };
}
