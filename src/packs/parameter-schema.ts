import { z } from 'zod';
import type { Parameters } from '#domain/action.ts';
import { messageOf } from '#domain/errors.ts';
import { nearest } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { SAID, SAID_OF_SECRETS, shown } from '#domain/say-issue.ts';
import { parseJson } from '#formats/json.ts';
import { flawsOfBounds, flawsOfRequired } from './doubts.ts';
import { jsonWithTexts } from './keep-text.ts';
import { withLinearPatterns } from './linear-patterns.ts';
import { flawsOfSchema, type SchemaFlaw } from './schema-keywords.ts';
import { standingAlone, subschemasOf } from './subschemas.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Reads the JSON Schema of an action's `parameters`. Both ways of writing are understood: Attune's flat one, with
 * `required: true` on the parameter itself, and a JSON Schema object. The error lists everything that is wrong with it,
 * with its place.
 */
export function jsonSchemaOf(
  parameters: JsonSchema | undefined,
): Result<JsonSchema | undefined, readonly SchemaFlaw[]> {
  if (parameters === undefined) return success(undefined);
  const flaws = isWhole(parameters)
    ? flawsOfSchema(parameters)
    : Object.entries(parameters).flatMap(([name, one]) => flawsOfSchema(one, [name]));
  const schema = wholeSchema(parameters);
  const path = isWhole(parameters) ? ['properties'] : [];
  const wrong = [...flaws, ...flawsOfPatterns(schema, path), ...flawsOfValues(schema, path, ['default'])];
  if (wrong.length > 0) return failure(wrong);
  const usable = tried(() => schemaOf(schema));
  return usable.ok ? success(schema) : failure([{ path: [], message: usable.error }]);
}

/** Finds examples, at any depth, that their own schema refuses, bounds that no value keeps to, and names that are required and not there. */
export function flawsOfExamples(parameters: JsonSchema): readonly SchemaFlaw[] {
  const path = isWhole(parameters) ? ['properties'] : [];
  const whole = wholeSchema(parameters);
  return [
    ...flawsOfBounds(whole, path),
    ...flawsOfRequired(whole, path),
    ...flawsOfValues(whole, path, ['example', 'examples']),
  ];
}

/** Finds patterns that cannot be matched in linear time. */
function flawsOfPatterns(root: JsonSchema, path: readonly PropertyKey[]): readonly SchemaFlaw[] {
  return subschemasOf(root, path).flatMap(({ schema: { pattern }, at }) => {
    const usable = typeof pattern === 'string' ? tried(() => schemaOf({ type: 'string', pattern })) : success(pattern);
    if (usable.ok) return [];
    const isNone = usable.error.startsWith('Invalid regular expression');
    return [
      { path: [...at, 'pattern'], message: isNone ? `${shown(pattern)} is no regular expression` : usable.error },
    ];
  });
}

/** A JSON Schema of an object, rather than parameters by name. */
function isWhole(parameters: JsonSchema): boolean {
  return parameters['type'] === 'object' && isRecord(parameters['properties']);
}

function wholeSchema(parameters: JsonSchema): JsonSchema {
  return normalize(isWhole(parameters) ? parameters : { type: 'object', properties: parameters });
}

/** Finds values within a schema, at any depth, that their own schema refuses. References lead into `root`. */
function flawsOfValues(
  root: JsonSchema,
  path: readonly PropertyKey[],
  keywords: readonly ('default' | 'example' | 'examples')[],
): readonly SchemaFlaw[] {
  const alone = standingAlone(root);
  return subschemasOf(root, path).flatMap(({ schema, at }) => {
    const { default: _default, ...own } = schema;
    const flawsOf = (value: unknown, place: readonly PropertyKey[]): readonly SchemaFlaw[] => {
      if (value === undefined) return [];
      const checked = tried(() => schemaOf(alone(own)).safeParse(value, SAID));
      if (!checked.ok || checked.value.success) return [];
      return withoutConsequences(checked.value.error.issues).map((issue) => ({
        path: [...place, ...issue.path],
        message: issue.message,
      }));
    };
    return keywords.flatMap((keyword) => {
      const value = schema[keyword];
      if (keyword !== 'examples' || value === undefined) return flawsOf(value, [...at, keyword]);
      const place = [...at, keyword];
      if (!Array.isArray(value))
        return [
          { path: place, message: `expected a list of examples, such as ${shown([value])}, not ${shown(value)}` },
        ];
      const flaws = value.flatMap((one, index) => flawsOf(one, [...place, index]));
      const isOneExample = flaws.length > 0 && flawsOf(value, place).length === 0;
      return isOneExample
        ? [{ path: place, message: `expected a list of examples: ${shown([value])}, not ${shown(value)}` }]
        : flaws;
    });
  });
}

/** Checks parameters and fills in defaults; the error is one sentence for everything that is wrong with them. */
export function checkParameters(
  given: Parameters,
  schema: JsonSchema | undefined,
): Result<Parameters, readonly string[]> {
  if (schema === undefined) return success(given);
  const usable = tried(() => schemaOf(wholeSchema(schema)));
  if (!usable.ok) return failure([`its action cannot be called: parameters: ${usable.error}`]);
  const checked = usable.value.safeParse(given, SAID_OF_SECRETS);
  if (checked.success)
    return isRecord(checked.data) ? success(checked.data) : failure(['parameters must be an object']);
  return failure(withoutConsequences(checked.error.issues).flatMap((issue) => complaints(issue, given, schema)));
}

/**
 * The check that a schema stands for. Zod makes it, and not Ajv, because Zod is here already: it checks packs, settings and
 * the API, so that parameters get errors in the same words, and it fills defaults into a copy, where Ajv changes what it was
 * given. Neither bounds the time of a pattern: RE2 (linear-patterns.ts) does, and flawsOfSchema has refused the keywords
 * that Zod would overlook. Throws what is wrong with the schema.
 */
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

/** The names of the parameters that are secret, at the top level. */
export function secretParameters(schema: JsonSchema | undefined): readonly string[] {
  return Object.entries(propertiesOf(schema)).flatMap(([name, one]) =>
    isRecord(one) && one['secret'] === true ? [name] : [],
  );
}

/** A copy of the schema that does not require these parameters, which come from elsewhere. */
export function withoutRequired(schema: JsonSchema | undefined, names: readonly string[]): JsonSchema | undefined {
  const required = schema?.['required'];
  if (schema === undefined || names.length === 0 || !Array.isArray(required)) return schema;
  return { ...schema, required: required.filter((one) => !names.includes(one)) };
}

/**
 * Reads `text` as the type that the schema wants for `key`. Text that is no JSON stays text, and the check names it; a
 * number stays text too where a form or a value of the schema wants one. The error says why JSON cannot be taken as it is written (a number that would be changed, deep nesting).
 */
export function parameterFromText(key: string, text: string, schema: JsonSchema | undefined): Result<unknown, string> {
  const types = [propertiesOf(schema)[key]].filter(isRecord).flatMap((one) => one['type']);
  if (types.length === 0 || types.includes('string')) return success(text);
  if (!isJson(text)) return success(text);
  const kept = schema && jsonWithTexts(text, schema, key);
  return kept === undefined ? parseJson(text) : success(kept);
}

function isJson(text: string): boolean {
  return tried((): unknown => JSON.parse(text)).ok;
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

/** Leaves out what zod also says of a value of the wrong kind: that it is too short, in the words of another kind. */
function withoutConsequences(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const ofKind = new Set(issues.flatMap(({ code, path }) => (code === 'invalid_type' ? [path.join('\0')] : [])));
  return issues.filter(({ code, path }) => code === 'invalid_type' || !ofKind.has(path.join('\0')));
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
