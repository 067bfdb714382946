import type { TaintEffect } from './worker.ts';

export const TOLERATION_OPERATORS = ['equal', 'exists'] as const;
export const LABEL_OPERATORS = ['in', 'not_in', 'exists', 'does_not_exist'] as const;

/**
 * A toleration of taints: `equal`, the default operator, compares the value; `exists` takes any value. An absent key or
 * effect means any.
 */
export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: (typeof TOLERATION_OPERATORS)[number] | undefined;
  readonly value?: string | undefined;
  readonly effect?: TaintEffect | undefined;
}

export interface LabelRule {
  readonly key: string;
  readonly operator: (typeof LABEL_OPERATORS)[number];
  readonly values: readonly string[];
}

export interface Affinity {
  /** All must hold. */
  readonly required: readonly LabelRule[];
  /** Weights of the rules that hold are added; more is better. */
  readonly preferred: readonly (LabelRule & { readonly weight: number })[];
}

/** The requirements of an execution for its worker: those of its action, replaced by its own where it has some. */
export interface Requirements {
  /** Name or alias; undefined: any worker will do. */
  readonly runtime: string | undefined;
  readonly versionConstraint: string | undefined;
  readonly requiredRuntimes: readonly string[];
  readonly selector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly affinity: Affinity;
  /** True for an execution that brings its own code. */
  readonly isInline?: boolean | undefined;
}

export const noAffinity: Affinity = { required: [], preferred: [] };
