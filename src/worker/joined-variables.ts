import type { Parameters } from '#domain/action.ts';
import type { JoinedExecution } from '#domain/joined-execution.ts';
import { isRecord } from '#domain/record.ts';

/**
 * The variables that say what has led to an execution: ATTUNE_RULE and ATTUNE_TRIGGER, and one ATTUNE_CONTEXT_… for each
 * member of the parameter `context`, with the names and values that Attune's Rust control plane gives them.
 */
export function joinedVariables({ rule, trigger }: JoinedExecution, parameters: Parameters): Record<string, string> {
  const { context } = parameters;
  const members = isRecord(context) ? Object.entries(context) : [];
  return {
    ...Object.fromEntries(
      members.filter(([key]) => isVariable(key)).map(([key, value]) => [nameOf(key), textOf(value)]),
    ),
    ...(rule === undefined ? {} : { ATTUNE_RULE: rule }),
    ...(trigger === undefined ? {} : { ATTUNE_TRIGGER: trigger }),
  };
}

/** A name with `=` or NUL cannot be that of a variable. */
function isVariable(key: string): boolean {
  return !/[=\0]/.test(key);
}

function nameOf(key: string): string {
  return `ATTUNE_CONTEXT_${key.toUpperCase()}`;
}

function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('\0', '\ufffd');
}
