import type { SecretValue } from '#domain/execution.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';
import { isRecord } from '#domain/record.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The keywords whose schemas describe the same value as the schema that holds them. */
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else'] as const;

/** How the places of secrets are named, and what stands there instead of them. */
export interface SecretForm {
  readonly hidden: unknown;
  pathOf(keys: readonly string[]): string;
}

const withDots: SecretForm = { hidden: HIDDEN_VALUE, pathOf: (keys) => keys.join('.') };

/**
 * Takes the values that the schema of an action's parameters or output calls `secret: true` out of the data, however
 * deep they lie, and masks them there.
 */
export function takeSecrets(
  data: unknown,
  schema: unknown,
  form: SecretForm = withDots,
): { readonly data: unknown; readonly secrets: readonly SecretValue[] } {
  if (!hasSecrets(schema)) return { data, secrets: [] }; /* most have none, and data may be large */
  const secrets: SecretValue[] = [];
  const take = (value: unknown, given: readonly unknown[], path: readonly string[]): unknown => {
    const schemas = schemasOfValue(given, schema);
    if (schemas.some((one) => one['secret'] === true)) {
      secrets.push({ path: form.pathOf(path), value });
      return form.hidden;
    }
    const inner = (one: unknown, name: string): unknown =>
      take(
        one,
        schemas.flatMap((each) => schemasOfMember(each, name, Array.isArray(value))),
        [...path, name],
      );
    if (Array.isArray(value)) return value.map((one, n) => inner(one, String(n)));
    if (!isRecord(value) || schemas.length === 0) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one, name)]));
  };
  return { data: take(data, [schema], []), secrets };
}

/** Masks every value; for data whose schema is gone. */
export function maskAll(data: unknown): unknown {
  if (!isRecord(data)) return HIDDEN_VALUE;
  return Object.fromEntries(Object.keys(data).map((name) => [name, HIDDEN_VALUE]));
}

/** Tells whether the schema of an action's output calls anything secret. */
export function hasSecrets(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(hasSecrets);
  return isRecord(schema) && (schema['secret'] === true || Object.values(schema).some(hasSecrets));
}

/** The schemas of a value with all that they name for the same value, each once; `root` is what `$ref` points into. */
function schemasOfValue(given: readonly unknown[], root: unknown): readonly Schema[] {
  const found = new Set<Schema>();
  const waiting = [...given];
  for (let one = waiting.pop(); one !== undefined || waiting.length > 0; one = waiting.pop()) {
    if (!isRecord(one) || found.has(one)) continue;
    found.add(one);
    const { $ref: target } = one;
    waiting.push(...SAME_VALUE.flatMap((keyword) => one[keyword]));
    if (typeof target === 'string') waiting.push(definition(target, root));
  }
  return [...found];
}

/** What `#/$defs/name` points at. */
function definition(target: string, root: unknown): unknown {
  const names = target.split('/').slice(1);
  return names.reduce<unknown>((one, name) => (isRecord(one) ? one[name] : undefined), root);
}

/** Attune's flat way names the parameters in the schema itself. */
function schemasOfMember(schema: Schema, name: string, isOfList: boolean): readonly unknown[] {
  if (isOfList) {
    const first = schema['prefixItems'];
    return [Array.isArray(first) ? first[Number(name)] : undefined, schema['items']];
  }
  const named = isRecord(schema['properties']) ? schema['properties'] : schema;
  return [Object.hasOwn(named, name) ? named[name] : schema['additionalProperties']];
}
