import { z } from 'zod';
import { nearest } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import { SAID } from '#domain/say-issue.ts';
import { describeUnknownKey, keysAt } from './schema-shape.ts';

/** A flaw of the schema of an action's parameters, with its place. */
export interface SchemaFlaw {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'] as const;

const typeName = z.string().refine((name) => (TYPES as readonly string[]).includes(name), {
  error: ({ input }) => {
    const near = nearest(String(input), TYPES);
    return `'${String(input)}' is no type${near === undefined ? '' : `; did you mean ${near}?`} (types: ${TYPES.join(', ')})`;
  },
});
const count = z.number().int().nonnegative();
const one: z.ZodType = z.lazy(() => keywords);
const oneOrBoolean = z.union([z.boolean(), one]);

/** The keywords of JSON Schema that are checked, those that only inform people, and Attune's own. */
const keywords = z.strictObject({
  type: z.union([typeName, z.array(typeName).min(1)]).optional(),
  enum: z.array(z.unknown()).min(1).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().positive().optional(),
  minLength: count.optional(),
  maxLength: count.optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  items: oneOrBoolean.optional(),
  prefixItems: z.array(one).optional(),
  minItems: count.optional(),
  maxItems: count.optional(),
  uniqueItems: z.boolean().optional(),
  properties: z.record(z.string(), one).optional(),
  patternProperties: z.unknown().optional(),
  additionalProperties: oneOrBoolean.optional(),
  propertyNames: one.optional(),
  minProperties: count.optional(),
  maxProperties: count.optional(),
  required: z.union([z.boolean(), z.array(z.string())], 'expected true, false, or a list of names').optional(),
  oneOf: z.array(one).optional(),
  anyOf: z.array(one).optional(),
  allOf: z.array(one).optional(),
  not: one.optional(),
  if: one.optional(),
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, never awaited
  then: one.optional(),
  else: one.optional(),
  dependentRequired: z.unknown().optional(),
  dependentSchemas: z.unknown().optional(),
  contentEncoding: z.string().optional(),
  contentMediaType: z.string().optional(),
  nullable: z.boolean().optional(),
  $ref: z.string().optional(),
  $defs: z.record(z.string(), one).optional(),
  definitions: z.record(z.string(), one).optional(),
  $schema: z.string().optional(),
  $id: z.string().optional(),
  $comment: z.string().optional(),
  title: z.string().optional(),
  description: z.string().nullish(),
  example: z.unknown().optional(),
  examples: z.unknown().optional(),
  deprecated: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  writeOnly: z.boolean().optional(),
  secret: z.boolean().optional(),
  position: z.number().optional(),
  label: z.string().optional(),
  order: z.number().optional(),
  placeholder: z.string().optional(),
});

/** Finds the flaws of a schema: unknown keywords, and keywords that have no meaning as they are written. */
export function flawsOfSchema(schema: unknown, path: readonly PropertyKey[] = []): readonly SchemaFlaw[] {
  if (!isRecord(schema)) return [{ path, message: 'expected what describes it, for example {type: string}' }];
  const own = Object.fromEntries(Object.entries(schema).filter(([key]) => !key.startsWith('x-')));
  const checked = keywords.safeParse(own, SAID);
  if (checked.success) return [];
  return checked.error.issues.flatMap((issue) => {
    const at = [...path, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path: at, message: sentence(issue) }];
    const known = keysAt(keywords, []);
    return issue.keys.map((key) => ({ path: [...at, key], message: describeUnknownKey(key, known) }));
  });
}

/** Finds the flaws of the schema of an action's output: of a whole schema, or of one for each member. */
export function flawsOfOutput(output: Readonly<Record<string, unknown>> | null | undefined): readonly SchemaFlaw[] {
  if (!output) return [];
  const { type, $ref: target, oneOf, anyOf, allOf } = output;
  const isWhole = typeof type === 'string' || target !== undefined || [type, oneOf, anyOf, allOf].some(Array.isArray);
  if (isWhole) return flawsOfSchema(output);
  return Object.entries(output).flatMap(([name, member]) => flawsOfSchema(member, [name]));
}

/** The message of an issue; for a union, that of the first alternative which takes the kind of value at all. */
function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  const specific = issue.errors.flat().find((one) => one.code !== 'invalid_type');
  return specific?.message ?? issue.message;
}
