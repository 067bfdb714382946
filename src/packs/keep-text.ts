import { type Document, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { definitionOf, innerOf } from './schema-shape.ts';

/**
 * Keeps a scalar of a document as it was written where a text is wanted: `version: 1.10` is the text 1.10 and not the
 * number 1.1. `schema` is the Zod schema that the document is checked against afterwards. Changes the document.
 */
export function keepText(document: Document, schema: z.ZodType): void {
  keepTextOf(document.contents, schema);
}

function keepTextOf(node: unknown, schema: z.core.$ZodType): void {
  if (isScalar(node) && wantsText(schema)) keepSource(node);
  for (const [part, inner] of partsOf(node, schema)) keepTextOf(part, inner);
}

/** The nodes directly within a node, each with the schema that describes it. */
function partsOf(node: unknown, schema: z.core.$ZodType): readonly (readonly [unknown, z.core.$ZodType])[] {
  const def = definitionOf(schema);
  switch (def.type) {
    case 'object':
      return isMap(node) ? Object.entries(def.shape).map(([key, one]) => [node.get(key, true), one]) : [];
    case 'record':
      return isMap(node) ? node.items.map(({ value }) => [value, def.valueType]) : [];
    case 'array':
      return itemsOf(node).map((item) => [item, def.element]);
    default:
      return innerOf(schema).map((inner) => [node, inner]);
  }
}

/** A text is wanted when it is the only kind of scalar that the schema takes. */
function wantsText(schema: z.core.$ZodType): boolean {
  const inner = innerOf(schema);
  if (inner.length === 0) return definitionOf(schema).type === 'string';
  return inner.some(wantsText) && !inner.some((one) => OTHER_SCALARS.includes(definitionOf(one).type));
}

const OTHER_SCALARS: readonly string[] = ['number', 'boolean', 'unknown', 'any'];

/** Keywords of a parameter's schema that hold values of the parameter, those that hold lists of them, and those for people. */
const VALUES = ['default', 'const', 'example'];
const LISTS = ['enum', 'examples'];
const TEXTS = ['title', 'description', 'label', 'placeholder', 'pattern', 'format', '$comment'];
/** Keywords that hold one schema, a list of schemas, or a map of schemas. */
const SCHEMAS = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'propertyNames'];
const SCHEMA_LISTS = ['oneOf', 'anyOf', 'allOf', 'prefixItems'];
const SCHEMA_MAPS = ['properties', '$defs', 'definitions'];
const ALTERNATIVES = ['oneOf', 'anyOf', 'allOf'];
/** References and alternatives are followed this many steps, and so many alternatives of each. */
const MOST_STEPS = 4;
const MOST_FORMS = 8;

/**
 * Keeps values within the parameters of an action (`default`, `enum`, …) as they were written where their types name a
 * text, as `keepText` does for other documents.
 */
export function keepTextOfParameters(parameters: unknown): void {
  if (!isMap(parameters)) return;
  const keeper = keeperIn(parameters);
  if (isMap(parameters.get('properties', true))) keeper(parameters);
  else for (const { value } of parameters.items) keeper(value);
}

/** Keeps the texts within a schema, whose references lead into `root`. */
function keeperIn(root: YAMLMap): (schema: unknown) => void {
  const meant = (schema: unknown, steps = MOST_STEPS): unknown => {
    const target = isMap(schema) ? schema.get('$ref') : undefined;
    if (typeof target !== 'string' || steps === 0) return schema;
    return meant(root.getIn(target.split('/').slice(1), true), steps - 1);
  };

  const within = (schema: unknown): void => {
    if (!isMap(schema)) return;
    const at = (key: string): unknown => schema.get(key, true);
    for (const text of TEXTS.map(at)) keepSource(text);
    for (const value of [...VALUES.map(at), ...LISTS.map(at).flatMap(itemsOf)]) keepValue(schema, value);
    const inner = [
      ...SCHEMAS.map(at),
      ...SCHEMA_LISTS.map(at).flatMap(itemsOf),
      ...SCHEMA_MAPS.map(at).flatMap((map) => (isMap(map) ? map.items.map(({ value }) => value) : [])),
    ];
    for (const one of inner) within(one);
  };

  const keepValue = (reference: unknown, value: unknown): void => {
    const schema = meant(reference);
    if (isScalar(value) && kindOf(schema) === 'text') keepSource(value);
    if (isMap(schema)) for (const [inner, part] of partsOfValue(schema, value)) keepValue(inner, part);
  };

  /** Tells whether a schema takes texts and no other scalars but null; undefined: it says nothing of that. */
  const kindOf = (reference: unknown, steps = MOST_STEPS): 'text' | 'other' | undefined => {
    const schema = meant(reference);
    if (!isMap(schema) || steps === 0) return undefined;
    const types = namesOf(schema.get('type', true));
    if (types.some((name) => OTHER_TYPES.includes(name))) return 'other';
    if (types.includes('string')) return 'text';
    const forms = ALTERNATIVES.flatMap((key) => itemsOf(schema.get(key, true)));
    const kinds = forms.slice(0, MOST_FORMS).map((one) => kindOf(one, steps - 1));
    return kinds.find((kind) => kind === 'other') ?? kinds.find((kind) => kind === 'text');
  };
  return within;
}

/** The parts of a list or a map, each with the schema that describes it. */
function partsOfValue(schema: YAMLMap, value: unknown): readonly (readonly [unknown, unknown])[] {
  const items = itemsOf(value).map((item) => [schema.get('items', true), item] as const);
  const properties = schema.get('properties', true);
  const others = schema.get('additionalProperties', true);
  const members = isMap(value) ? value.items : [];
  const own = (key: unknown): unknown => (isMap(properties) ? properties.get(key, true) : undefined);
  return [...items, ...members.map(({ key, value: part }) => [own(key) ?? others, part] as const)];
}

const OTHER_TYPES: readonly unknown[] = ['number', 'integer', 'boolean'];

/** The names in a `type`. */
function namesOf(type: unknown): readonly unknown[] {
  return isScalar(type) ? [type.value] : itemsOf(type).map((one) => (isScalar(one) ? one.value : undefined));
}

function itemsOf(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [];
}

function keepSource(node: unknown): void {
  if (!isScalar(node)) return;
  if (typeof node.value === 'number' || typeof node.value === 'boolean') node.value = node.source ?? String(node.value);
}
