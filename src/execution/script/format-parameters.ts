import { Document, visit } from 'yaml';
import type { ParameterFormat, Parameters } from '#domain/action.ts';
import { digitsOf } from '#domain/exact-number.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { describeInexact } from '#formats/numbers.ts';

/** Keys that no shell reads as anything but a name. */
const DOTENV_KEY = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Characters that YAML takes for ends of lines or refuses. Within double quotes they are escaped. */
const UNPRINTED = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** A text with such a character, and one that YAML 1.1 takes for a type of its own. */
const ONLY_QUOTED = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|^(=|<<)$/;

/**
 * Formats parameters as an action reads them: json is one line; dotenv is sorted `key='v'` with nested keys dotted, lists and empty objects as JSON;
 * yaml quotes what parsers of YAML 1.1 would take for something else than a text. The error names a parameter that
 * the format cannot carry.
 */
export function formatParameters(parameters: Parameters, format: ParameterFormat): Result<string, string> {
  switch (format) {
    case 'json':
      return success(`${JSON.stringify(parameters)}\n`);
    case 'yaml':
      return inYaml(parameters);
    case 'dotenv': {
      const flat = flatten(parameters, '').toSorted(([a], [b]) => (a < b ? -1 : 1));
      const flaw = flat.map(([key, value], at) => flawInDotenv(key, value, flat[at - 1]?.[0])).find(Boolean);
      if (flaw !== undefined) return failure(`${flaw} (parameter_format: json can carry it)`);
      return success(flat.map(([key, value]) => `${key}='${value.replaceAll("'", "'\\''")}'\n`).join(''));
    }
  }
}

/** What of a parameter dotenv cannot carry, as a sentence; `before` is the key of the line before. */
function flawInDotenv(key: string, value: string, before: string | undefined): string | undefined {
  const name = `the parameter ${JSON.stringify(key)}`;
  if (!DOTENV_KEY.test(key))
    return `${name} cannot be given as dotenv, whose keys begin with a letter or '_', and go on with letters, digits, '_', '.' and '-'`;
  if (key === before) return `${name} is there twice when it is given as dotenv, once as a key and once within another`;
  return value.includes('\0') ? `${name} has a zero byte, which shells leave out of dotenv` : undefined;
}

/** Integers of any length are numbers of YAML too; other exact numbers are refused. */
function inYaml(parameters: Parameters): Result<string, string> {
  const refused: string[] = [];
  const convert = (_: unknown, value: unknown): unknown => {
    const digits = digitsOf(value);
    if (digits === undefined) return value;
    if (/^-?\d+$/.test(digits)) return BigInt(digits);
    refused.push(digits);
    return digits;
  };
  const document = new Document(parameters, convert, { compat: 'yaml-1.1' });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && ONLY_QUOTED.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString().replace(UNPRINTED, escapeOf);
  const [first] = refused;
  return first === undefined
    ? success(text)
    : failure(
        `its parameters hold a number that cannot be given as YAML (parameter_format: json can carry it): ${describeInexact(first)}`,
      );
}

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Arrays and empty objects stay whole, as JSON; null is empty. */
function flatten(value: Parameters, prefix: string): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, one]) => {
    if (isRecord(one) && Object.keys(one).length > 0) return flatten(one, `${prefix}${key}.`);
    return [[`${prefix}${key}`, textOf(one)] as const];
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
