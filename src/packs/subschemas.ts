import { isRecord } from '#domain/record.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema within another one, with its place. */
export interface Subschema {
  readonly schema: JsonSchema;
  readonly at: readonly PropertyKey[];
}

const SINGLE = ['items', 'additionalProperties', 'propertyNames'];
const LISTS = ['oneOf', 'anyOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', '$defs', 'definitions'];

/** All schemas within a schema that describe values or parts of them. `path` is where its properties are. */
export function subschemasOf(root: JsonSchema, path: readonly PropertyKey[]): readonly Subschema[] {
  const { properties, ...rest } = root;
  const around = path.slice(0, -1);
  return [...inMap(properties, path), ...directlyIn(rest, around)].flatMap(withInner);
}

function withInner(one: Subschema): readonly Subschema[] {
  return [one, ...directlyIn(one.schema, one.at).flatMap(withInner)];
}

function directlyIn(schema: JsonSchema, at: readonly PropertyKey[]): readonly Subschema[] {
  return [
    ...SINGLE.flatMap((key) => one(schema[key], [...at, key])),
    ...LISTS.flatMap((key) => inList(schema[key], [...at, key])),
    ...MAPS.flatMap((key) => inMap(schema[key], [...at, key])),
  ];
}

function inList(value: unknown, at: readonly PropertyKey[]): readonly Subschema[] {
  return Array.isArray(value) ? value.flatMap((inner, index) => one(inner, [...at, index])) : [];
}

function inMap(value: unknown, at: readonly PropertyKey[]): readonly Subschema[] {
  return isRecord(value) ? Object.entries(value).flatMap(([key, inner]) => one(inner, [...at, key])) : [];
}

function one(schema: unknown, at: readonly PropertyKey[]): readonly Subschema[] {
  return isRecord(schema) ? [{ schema, at }] : [];
}

const TO_ROOT = '"$ref":"#"';
const ROOT = 'attune-root';

/** Makes a schema within `root` one that stands by itself: what it refers to is in it. */
export function standingAlone(root: JsonSchema): (schema: JsonSchema) => JsonSchema {
  const pointing = (schema: JsonSchema): JsonSchema =>
    JSON.parse(JSON.stringify(schema).replaceAll(TO_ROOT, `"$ref":"#/$defs/${ROOT}"`));
  let definitions: JsonSchema | undefined;
  return (schema) => {
    if (!JSON.stringify(schema).includes('"$ref":')) return schema;
    definitions ??= definitionsOf(pointing(root));
    return { ...pointing(schema), $defs: definitions };
  };
}

function definitionsOf(root: JsonSchema): JsonSchema {
  const { $defs } = root;
  return { ...(isRecord($defs) ? $defs : {}), [ROOT]: root };
}
