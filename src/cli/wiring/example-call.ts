import { shellWord } from '#cli/invoked.ts';
import type { ActionView } from '#domain/client-store.ts';
import { isRecord } from '#domain/record.ts';
import { checkParameters } from '#packs/parameter-schema.ts';

/**
 * The words after `submit` that request one of these actions, with values that it accepts, in a runtime that is here;
 * undefined if none is simple enough.
 */
export function exampleCall(actions: readonly ActionView[], runtimes: readonly string[]): string | undefined {
  for (const { actionRef, parameterSchema: schema, runtime } of actions) {
    if (runtime !== undefined && !runtimes.includes(runtime)) continue;
    const properties = isRecord(schema?.['properties']) ? schema['properties'] : {};
    const required = Array.isArray(schema?.['required']) ? schema['required'] : [];
    const values = Object.fromEntries(required.map((name: string) => [name, sampleOf(properties[name])]));
    if (!checkParameters(values, schema).ok) continue;
    const words = Object.entries(values).map(([name, value]) => ` -p ${shellWord(`${name}=${textOf(value)}`)}`);
    return `${actionRef}${words.join('')}`;
  }
  return undefined;
}

function sampleOf(schema: unknown): unknown {
  if (!isRecord(schema)) return '';
  const { default: initial, examples, enum: allowed, type } = schema;
  const given = [initial, ...listOf(examples), ...listOf(allowed)].find((one) => one !== undefined);
  return given ?? (samples[String(type)] ?? samples['string'])?.(schema);
}

const samples: Readonly<Record<string, (schema: Readonly<Record<string, unknown>>) => unknown>> = {
  string: ({ format }) => (format === undefined ? 'text' : undefined),
  integer: ({ minimum }) => minimum ?? 1,
  number: ({ minimum }) => minimum ?? 1,
  boolean: () => true,
  object: () => ({}),
  array: ({ items, minItems }) => new Array(typeof minItems === 'number' ? minItems : 1).fill(sampleOf(items)),
};

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
