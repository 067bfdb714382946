import { isRecord } from '#domain/record.ts';
import type { Action } from '#wire/packs.ts';

/** One property of a JSON Schema, as far as the form understands it. */
export interface Property {
  readonly type: string | undefined;
  readonly description: string | undefined;
  readonly default: unknown;
  readonly enum: readonly unknown[] | undefined;
  readonly secret: boolean;
}

/**
 * The fields of the form for an action. A parameter whose schema the form does not understand becomes a field for JSON.
 */
export function fieldsOf(schema: Action['param_schema']): {
  readonly properties: readonly (readonly [name: string, property: Property])[];
  readonly required: readonly unknown[];
} {
  const properties = isRecord(schema?.['properties']) ? schema['properties'] : {};
  const required = schema?.['required'];
  return {
    properties: Object.entries(properties).map(([name, one]) => [name, propertyOf(isRecord(one) ? one : {})]),
    required: Array.isArray(required) ? required : [],
  };
}

function propertyOf({ type, description, default: initial, enum: choices, secret }: Record<string, unknown>): Property {
  return {
    type: typeof type === 'string' ? type : undefined,
    description: typeof description === 'string' ? description : undefined,
    default: initial,
    enum: Array.isArray(choices) ? choices : undefined,
    secret: secret === true,
  };
}
