import { Document, isMap, isScalar, isSeq, type Scalar, visit, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import {
  ALTERNATIVES,
  isMeantAsText,
  MOST_FORMS,
  MOST_STEPS,
  SCALAR_TYPES,
  type TakenScalar,
} from '#domain/kept-texts.ts';
import { followAliases } from '#formats/aliases.ts';
import { parseYamlDocument, valueOfYaml } from '#formats/yaml.ts';
import { definitionOf, innerOf } from './schema-shape.ts';

/**
 * Keeps a scalar of a document as it was written where a text is wanted: `version: 1.10` is the text 1.10 and not the
 * number 1.1. `schema` is the Zod schema that the document is checked against afterwards. Changes the document.
 */
export function keepText(document: Document, schema: z.ZodType): void {
  const follow = followAliases(document);
  const isNew = firstTimes();
  const keepTextOf = (alias: unknown, inner: z.core.$ZodType): void => {
    const node = follow(alias);
    if (isScalar(node) && wantsText(inner)) keepSource(node);
    if (isNew(node, inner)) for (const [part, one] of partsOf(node, inner)) keepTextOf(part, one);
  };
  keepTextOf(document.contents, schema);
}

/** Tells whether a node is met for the first time with a schema: aliases lead to a node again and again. */
function firstTimes(): (node: unknown, schema: unknown) => boolean {
  const met = new Map<unknown, Set<unknown>>();
  return (node, schema) => {
    const nodes = met.get(schema) ?? new Set();
    if (nodes.has(node)) return false;
    met.set(schema, nodes.add(node));
    return true;
  };
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

/** Keeps texts within the schemas of the file of an action, and among the parameters of its schedules. */
export function keepTextOfAction(document: Document): void {
  const follow = followAliases(document);
  const schedule = follow(document.get('schedule', true));
  const schedules = isSeq(schedule) ? schedule.items.map(follow) : [schedule];
  const values = schedules.map((one) => (isMap(one) ? follow(one.get('parameters', true)) : undefined));
  keepTextOfParameters(follow(document.get('parameters', true)), follow, values);
  keepTextOfParameters(follow(document.get('output', true)), follow);
}

/**
 * Keeps values within the parameters of an action (`default`, `enum`, …) as they were written where their types name a
 * text, as `keepText` does for other documents. `values` are more of them, by the names of the parameters.
 */
function keepTextOfParameters(parameters: unknown, follow: Follow, values: readonly unknown[] = []): void {
  if (!isMap(parameters)) return;
  const properties = follow(parameters.get('properties', true));
  const isWhole = isMap(properties);
  const { within, keepValue } = keeperIn(parameters, follow);
  if (isWhole) within(parameters);
  else for (const { value } of parameters.items) within(value);
  for (const { key, value } of values.flatMap((one) => (isMap(one) ? one.items : [])))
    keepValue((isWhole ? properties : parameters).get(key, true), value);
}

/**
 * Keeps the values of parameters as they were written where their schema names a text, as `keepTextOfAction` does for its
 * defaults. `schema` is the JSON Schema of all of them. Changes the document.
 */
export function keepTextOfValues(values: unknown, schema: Readonly<Record<string, unknown>> | undefined): void {
  const root = new Document(schema).contents;
  if (isMap(root)) keeperIn(root).keepValue(root, values);
}

/**
 * The value of a JSON text, in which texts are kept as they were written where the schema of the parameter names a text;
 * undefined: it has none.
 */
export function jsonWithTexts(text: string, schema: Readonly<Record<string, unknown>>, key: string): unknown {
  const parsed = parseYamlDocument(Buffer.from(text));
  const root = new Document(schema).contents;
  if (!(parsed.ok && isMap(root))) return undefined;
  const { document } = parsed.value;
  keeperIn(root).keepValue(root.getIn(['properties', key], true), document.contents);
  let keeps = false;
  /* A text of JSON has quotes: one without was a number or a boolean. */
  visit(document, {
    Scalar: (_, { type, value }) => {
      if (type === 'PLAIN' && typeof value === 'string') keeps = true;
    },
  });
  const value = keeps ? valueOfYaml(document) : undefined;
  return value?.ok ? value.value : undefined;
}

type Follow = (node: unknown) => unknown;

interface Keeper {
  /** Keeps the texts within a schema. */
  within(schema: unknown): void;
  /** Keeps the texts within a value that a schema describes. */
  keepValue(schema: unknown, value: unknown): void;
}

/** Keeps texts by schemas, whose references lead into `root`. */
function keeperIn(root: YAMLMap, follow: Follow = (node) => node): Keeper {
  const isNew = firstTimes();
  const done = new Set<unknown>();
  const partAt = (alias: unknown, key: string): unknown => {
    const node = follow(alias);
    return isMap(node) || isSeq(node) ? node.get(key, true) : undefined;
  };
  const meant = (alias: unknown, steps = MOST_STEPS): unknown => {
    const schema = follow(alias);
    const target = isMap(schema) ? schema.get('$ref') : undefined;
    if (typeof target !== 'string' || steps === 0) return schema;
    return meant(target.split('/').slice(1).reduce(partAt, root), steps - 1);
  };

  const within = (alias: unknown): void => {
    const schema = follow(alias);
    if (!isMap(schema) || done.has(schema)) return;
    done.add(schema);
    const at = (key: string): unknown => follow(schema.get(key, true));
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
    const node = follow(value);
    if (isScalar(node) && isText(node, scalarsOf(schema))) keepSource(node);
    if (isMap(schema) && isNew(node, schema))
      for (const [inner, part] of partsOfValue(schema, node, follow)) keepValue(inner, part);
  };

  /** What scalars a schema takes, by its types, its values, or its alternatives; empty: it says nothing of that. */
  const scalarsOf = (reference: unknown, steps = MOST_STEPS): readonly TakenScalar[] => {
    const schema = meant(reference);
    if (!isMap(schema) || steps === 0) return [];
    const at = (key: string): unknown => follow(schema.get(key, true));
    const values = [at('const'), ...itemsOf(at('enum'))].filter((one) => isScalar(one));
    const types = namesOf(at('type')).filter((name) => SCALAR_TYPES.includes(name));
    if (types.length > 0) return types.map((type) => ({ type }));
    if (values.length > 0) return values.map(({ value }) => ({ type: typeof value, value }));
    const forms = ALTERNATIVES.flatMap((key) => itemsOf(at(key)));
    return forms.slice(0, MOST_FORMS).flatMap((one) => scalarsOf(one, steps - 1));
  };
  return { within, keepValue };
}

/** Tells whether a scalar is a text for a schema, by the scalars that this takes. */
function isText({ value, source }: Scalar, taken: readonly TakenScalar[]): boolean {
  return isMeantAsText({ value, source: source ?? '' }, taken);
}

/** The parts of a list or a map, each with the schema that describes it. */
function partsOfValue(schema: YAMLMap, value: unknown, follow: Follow): readonly (readonly [unknown, unknown])[] {
  const items = itemsOf(value).map((item) => [schema.get('items', true), item] as const);
  const properties = follow(schema.get('properties', true));
  const others = schema.get('additionalProperties', true);
  const members = isMap(value) ? value.items : [];
  const own = (key: unknown): unknown => (isMap(properties) ? properties.get(key, true) : undefined);
  return [...items, ...members.map(({ key, value: part }) => [own(key) ?? others, part] as const)];
}

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
