import { pointerOf } from './json-pointer.ts';
import { isRecord } from './record.ts';

/** What an execution has besides when Attune's Rust control plane has scheduled it. */
export interface JoinedExecution {
  /** Refs of the rule and of the trigger that have led to it. */
  readonly rule: string | undefined;
  readonly trigger: string | undefined;
  /** The id of the identity that it runs for. */
  readonly identity: string | undefined;
  /** Refs of the permission sets that its token for the API names; without any there is no token. */
  readonly permissionSets: readonly string[];
  /** The ref of the workflow that it is a task of. */
  readonly workflowRef: string | undefined;
  /** The values that were put in the places of the markers in its parameters. */
  readonly secrets: readonly unknown[];
  /** Sentences for its log: which keys it has to do without, and why. */
  readonly notes: readonly string[];
}

/** The marker that Attune's Rust control plane writes where a value is kept encrypted in `execution_secret_value`. */
export const SECRET_MARKER = { $attune_secret: true, redacted: true } as const;

/** The JSON Pointers of all markers in a value. */
export function findMarkers(value: unknown, keys: readonly string[] = []): readonly string[] {
  if (isRecord(value) && value['$attune_secret'] === true) return [pointerOf(keys)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => findMarkers(one, [...keys, key]));
}
