import { z } from 'zod';
import type { Parameters } from '#domain/action.ts';
import { messageOf } from '#domain/errors.ts';
import { nearest } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { withLinearPatterns } from './linear-patterns.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schema of an action's `parameters`. Both ways of writing are understood: Attune's flat one, with `required: true`
 * on the parameter itself, and a JSON Schema object. The error says what is wrong with it.
 */
export function jsonSchemaOf(parameters: JsonSchema | undefined): Result<JsonSchema | undefined, string> {
  if (parameters === undefined) return success(undefined);
  const isSchema = parameters['type'] === 'object' && isRecord(parameters['properties']);
  const schema = normalize(isSchema ? parameters : { type: 'object', properties: parameters });
  const usable = tried(() => schemaOf(schema));
  return usable.ok ? success(schema) : failure(`parameters: ${usable.error}`);
}

/** Parameters with defaults filled in, or one sentence for everything that is wrong with them. */
export function checkParameters(
  given: Parameters,
  schema: JsonSchema | undefined,
): Result<Parameters, readonly string[]> {
  if (schema === undefined) return success(given);
  const usable = tried(() => schemaOf(schema));
  if (!usable.ok) return failure([`its action cannot be called: parameters: ${usable.error}`]);
  const checked = usable.value.safeParse(given);
  if (checked.success)
    return isRecord(checked.data) ? success(checked.data) : failure(['parameters must be an object']);
  return failure(checked.error.issues.flatMap((issue) => complaints(issue, given, schema)));
}

/** Throws what is wrong with it. */
function schemaOf(schema: JsonSchema): z.ZodType {
  if (namesPatterns(schema)) throw new Error('patternProperties is not supported: name the properties');
  return withLinearPatterns(z.fromJSONSchema(schema));
}

function namesPatterns(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesPatterns);
  if (!isRecord(value)) return false;
  const { properties, ...rest } = value;
  const named = isRecord(properties) ? Object.values(properties) : [];
  return isRecord(rest['patternProperties']) || [...named, ...Object.values(rest)].some(namesPatterns);
}

function tried<T>(work: () => T): Result<T, string> {
  try {
    return success(work());
  } catch (error) {
    return failure(messageOf(error));
  }
}

/** Names of the parameters that are secret, at the top. */
export function secretParameters(schema: JsonSchema | undefined): readonly string[] {
  return Object.entries(propertiesOf(schema)).flatMap(([name, one]) =>
    isRecord(one) && one['secret'] === true ? [name] : [],
  );
}

/** The same schema, for somebody who need not give these: they come from elsewhere. */
export function withoutRequired(schema: JsonSchema | undefined, names: readonly string[]): JsonSchema | undefined {
  const required = schema?.['required'];
  if (schema === undefined || names.length === 0 || !Array.isArray(required)) return schema;
  return { ...schema, required: required.filter((one) => !names.includes(one)) };
}

/** `text` as the type that the schema wants for `key`; text that does not fit stays text, and the check names it. */
export function parameterFromText(key: string, text: string, schema: JsonSchema | undefined): unknown {
  const types = [propertiesOf(schema)[key]].filter(isRecord).flatMap((one) => one['type']);
  if (types.length === 0 || types.includes('string')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Moves `required: true` of each property into the list of its object, and closes objects that list their properties. */
function normalize(schema: JsonSchema): JsonSchema {
  const items = schema['items'];
  const base = isRecord(items) ? { ...schema, items: normalize(items) } : schema;
  if (!isRecord(schema['properties'])) return base;
  const properties = Object.entries(schema['properties']).map(
    ([key, value]) => [key, isRecord(value) ? value : {}] as const,
  );
  const inline = properties.filter(([, value]) => value['required'] === true).map(([key]) => key);
  const listed = Array.isArray(schema['required']) ? schema['required'] : [];
  const cleaned = properties.map(([key, { required, position: _position, ...rest }]) => [
    key,
    normalize(Array.isArray(required) ? { ...rest, required } : rest),
  ]);
  const required = [...new Set([...listed, ...inline])].filter((key) => !hasDefault(schema, String(key)));
  return { additionalProperties: false, ...base, properties: Object.fromEntries(cleaned), required };
}

/** A default fills a required parameter that is missing. */
function hasDefault(schema: JsonSchema, key: string): boolean {
  const property = propertiesOf(schema)[key];
  return isRecord(property) && property['default'] !== undefined;
}

function complaints(issue: z.core.$ZodIssue, given: Parameters, schema: JsonSchema): readonly string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownParameter([...issue.path, key].join('.'), schema));
  const path = issue.path.join('.');
  return [isMissing(given, issue.path) ? `parameter '${path}' is required` : `parameter '${path}': ${issue.message}`];
}

function unknownParameter(key: string, schema: JsonSchema): string {
  const known = Object.keys(propertiesOf(schema));
  const near = nearest(key, known);
  return `unknown parameter '${key}'${near ? `, did you mean '${near}'?` : ` (known: ${known.join(', ') || 'none'})`}`;
}

function isMissing(given: unknown, path: readonly PropertyKey[]): boolean {
  const value = path.reduce<unknown>(
    (one, key) => (typeof one === 'object' && one !== null ? Reflect.get(one, key) : undefined),
    given,
  );
  return value === undefined;
}

function propertiesOf(schema: JsonSchema | undefined): JsonSchema {
  const properties = schema?.['properties'];
  return isRecord(properties) ? properties : {};
}
