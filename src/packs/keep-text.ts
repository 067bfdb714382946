import { type Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
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

/** Keywords of a parameter's schema that hold values of the parameter, and those that hold lists of them. */
const VALUES = ['default', 'const', 'example'];
const LISTS = ['enum', 'examples'];
/** Keywords that hold one schema, a list of schemas, or a map of schemas. */
const SCHEMAS = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'propertyNames'];
const SCHEMA_LISTS = ['oneOf', 'anyOf', 'allOf', 'prefixItems'];
const SCHEMA_MAPS = ['properties', '$defs', 'definitions'];

/**
 * Keeps values within the parameters of an action (`default`, `enum`, …) as they were written where their types name a
 * text, as `keepText` does for other documents.
 */
export function keepTextOfParameters(parameters: unknown): void {
  if (!isMap(parameters)) return;
  if (isMap(parameters.get('properties', true))) keepTextWithin(parameters);
  else for (const { value } of parameters.items) keepTextWithin(value);
}

function keepTextWithin(schema: unknown): void {
  if (!isMap(schema)) return;
  const at = (key: string): unknown => schema.get(key, true);
  for (const value of [...VALUES.map(at), ...LISTS.map(at).flatMap(itemsOf)]) keepValue(schema, value);
  const inner = [
    ...SCHEMAS.map(at),
    ...SCHEMA_LISTS.map(at).flatMap(itemsOf),
    ...SCHEMA_MAPS.map(at).flatMap((map) => (isMap(map) ? map.items.map(({ value }) => value) : [])),
  ];
  for (const one of inner) keepTextWithin(one);
}

function keepValue(schema: YAMLMap, value: unknown): void {
  if (isScalar(value) && namesText(schema.get('type', true))) keepSource(value);
  const items = schema.get('items', true);
  if (isMap(items)) for (const item of itemsOf(value)) keepValue(items, item);
  const properties = schema.get('properties', true);
  const others = schema.get('additionalProperties', true);
  if (!isMap(value)) return;
  for (const { key, value: part } of value.items) {
    const own = isMap(properties) ? properties.get(key, true) : undefined;
    const inner = own ?? others;
    if (isMap(inner)) keepValue(inner, part);
  }
}

/** Tells whether `type` names strings, and neither numbers nor booleans. */
function namesText(type: unknown): boolean {
  const names = isScalar(type) ? [type.value] : itemsOf(type).map((one) => (isScalar(one) ? one.value : undefined));
  return names.includes('string') && !names.some((name) => ['number', 'integer', 'boolean'].includes(String(name)));
}

function itemsOf(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [];
}

function keepSource(node: Node): void {
  if (!isScalar(node)) return;
  if (typeof node.value === 'number' || typeof node.value === 'boolean') node.value = node.source ?? String(node.value);
}
