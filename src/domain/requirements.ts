/** `equal` is the default; `exists` takes any value. Absent key or effect: any. */
export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: 'equal' | 'exists' | undefined;
  readonly value?: string | undefined;
  readonly effect?: 'no_schedule' | 'prefer_no_schedule' | undefined;
}

export interface LabelRule {
  readonly key: string;
  readonly operator: 'in' | 'not_in' | 'exists' | 'does_not_exist';
  readonly values: readonly string[];
}

export interface Affinity {
  /** All must hold. */
  readonly required: readonly LabelRule[];
  /** Weights of the rules that hold are added; more is better. */
  readonly preferred: readonly (LabelRule & { readonly weight: number })[];
}

/** What an execution asks of its worker: its action's wishes, replaced by its own where it has some. */
export interface Requirements {
  /** Name or alias; undefined: any worker will do. */
  readonly runtime: string | undefined;
  readonly versionConstraint: string | undefined;
  readonly requiredRuntimes: readonly string[];
  readonly selector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly affinity: Affinity;
}

export const noAffinity: Affinity = { required: [], preferred: [] };
