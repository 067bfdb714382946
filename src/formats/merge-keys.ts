import { type Document, isAlias, isMap, isScalar, isSeq, Pair, type Scalar, visit, type YAMLMap } from 'yaml';
import { followAliases } from './aliases.ts';

type Follow = (node: unknown) => unknown;

/**
 * Writes out the merge keys (`<<`) of a document, and aliases of scalars, so that each map has all of its keys and each
 * scalar is its own. Own keys come before merged ones, and those of an earlier source before those of a later one. Changes
 * the document.
 */
export function writeOutMerges(document: Document): void {
  const done = new Set<YAMLMap>();
  const follow = followAliases(document);
  visit(document, {
    Map: (_, map) => {
      writeOut(map, follow, done);
    },
    Seq: (_, { items }) => {
      for (const [index, item] of items.entries()) items[index] = ownScalar(item, follow);
    },
  });
}

function writeOut(map: YAMLMap, follow: Follow, done: Set<YAMLMap>): void {
  if (done.has(map)) return;
  done.add(map);
  for (const pair of map.items) pair.value = ownScalar(pair.value, follow);
  const merges = map.items.filter(({ key }) => isMergeKey(key));
  const sources = merges.flatMap(({ value }) => sourcesOf(value, follow));
  /* What is no map stays, and turning the document into a value refuses it. */
  if (merges.length === 0 || !sources.every(isMap)) return;
  for (const source of sources) writeOut(source, follow, done);
  const own = map.items.filter(({ key }) => !isMergeKey(key));
  map.items = distinct([...own, ...sources.flatMap(({ items }) => items.map(copyOf))]);
}

/** The first pair of each key. */
function distinct(pairs: readonly Pair[]): Pair[] {
  const known = new Set<unknown>();
  return pairs.filter(({ key }) => {
    const name = nameOf(key);
    if (known.has(name)) return false;
    known.add(name);
    return true;
  });
}

function copyOf({ key, value }: Pair): Pair {
  return new Pair(key, isScalar(value) ? cloneOf(value) : value);
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key)) return false;
  const { value, type } = key;
  return typeof value === 'symbol' ? value.description === '<<' : value === '<<' && type === 'PLAIN';
}

function sourcesOf(value: unknown, follow: Follow): readonly unknown[] {
  const node = follow(value);
  return isSeq(node) ? node.items.map(follow) : [node];
}

function ownScalar(value: unknown, follow: Follow): unknown {
  const scalar = isAlias(value) ? follow(value) : undefined;
  return isScalar(scalar) ? cloneOf(scalar) : value;
}

/** A copy without the anchor, which aliases go on to mean the original by. */
function cloneOf(scalar: Scalar): Scalar {
  const clone = scalar.clone() as Scalar; /* the library's type is that of any node */
  delete clone.anchor;
  return clone;
}

function nameOf(key: unknown): unknown {
  return isScalar(key) ? key.value : key;
}
