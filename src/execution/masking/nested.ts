import { jsonEscaped, quotedByPrograms, withEntities } from './escapes.ts';
import { quotedByShells } from './shell-quoting.ts';

/** The first spellings of a list: those by the most usual programs, so that two lists together make not too many. */
const USUAL_LITERALS = 3;
const USUAL_ENTITIES = 6;

/**
 * The spellings of a text that is quoted twice, in two ways: JSON within a literal of a language, within a shell's
 * quotes or within HTML, each of these within JSON, and a literal within a literal.
 */
export function quotedTwice(text: string): readonly string[] {
  const json = distinct(jsonEscaped(text));
  const common = distinct(inJson(text));
  const literals = distinct(quotedByPrograms(text));
  const others = distinct([...literals, ...quotedByShells(text), ...entities(text)]);
  return distinct([
    ...[...common, ...common.flatMap(inJson)].flatMap(quotedByPrograms),
    ...[...json, ...literals].flatMap((one) => quotedByPrograms(one).slice(0, USUAL_LITERALS)),
    ...common.flatMap((one) => [...quotedByShells(one), ...entities(one)]),
    ...others.flatMap(inJson),
  ]);
}

/** JSON as JavaScript writes it, and in ASCII only, as Python does. */
function inJson(text: string): readonly string[] {
  const [usual = text, , ascii = text] = jsonEscaped(text);
  return [usual, ascii];
}

function entities(text: string): readonly string[] {
  return withEntities(text).slice(0, USUAL_ENTITIES);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
