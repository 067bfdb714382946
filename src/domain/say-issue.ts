import { nearest } from './nearest.ts';
import { cut } from './shortened.ts';

/** What does not fit a schema, in the shape of zod's issues. */
export interface RawIssue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly origin?: string;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: boolean | undefined;
  readonly divisor?: unknown;
  readonly format?: string;
  readonly pattern?: string | undefined;
  readonly keys?: readonly string[];
  /** What does not fit each of several forms. */
  readonly errors?: readonly (readonly Pick<RawIssue, 'code' | 'expected'>[])[];
  /** What is wrong with the name of a key. */
  readonly issues?: readonly { readonly message?: string | undefined }[];
}
type Show = (value: unknown) => string;

/** The error of a check of what an author wrote: the value is shown, as far as it is short. */
export const SAID = { error: (issue: RawIssue) => sayIssue(issue, shown) };

/** The error of a check of what may be secret: in place of the value stands its kind. */
export const SAID_OF_SECRETS = { error: (issue: RawIssue) => sayIssue(issue, kindOfValue) };

const LONGEST = 60;

/**
 * Says what is wrong with a value, which value it is, and what is allowed there. Undefined: a sentence of the schema's own
 * says it.
 */
export function sayIssue(issue: RawIssue, show: Show): string | undefined {
  const { expected = '', origin = '', values = [] } = issue;
  const input = show(issue.input);
  switch (issue.code) {
    case 'invalid_type':
      return sayKind(expected, issue.input, input);
    case 'invalid_value':
      return sayChoice(values.map(String), issue.input, show);
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${sizeOf(origin, issue.minimum)}${measured(origin, issue.input, show)}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${sizeOf(origin, issue.maximum)}${measured(origin, issue.input, show)}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}${butNot(input, show)}`;
    case 'invalid_format':
      return `expected ${issue.format === 'regex' ? `text that fits ${issue.pattern}` : `the form '${issue.format}'`}${butNot(input, show)}`;
    case 'invalid_union':
      return sayForms(issue.errors ?? [], input);
    case 'invalid_key':
      return issue.issues?.[0]?.message;
    case 'unrecognized_keys':
      return `there is no field ${(issue.keys ?? []).map((one) => `'${one}'`).join(', ')}`;
    default:
      return undefined;
  }
}

/** `expected text, not 5`, and of what is absent `is missing: expected text`. */
function sayKind(expected: string, input: unknown, shownInput: string): string {
  const wanted = `expected ${kinds[expected] ?? expected}`;
  return input === undefined ? `is missing: ${wanted}` : `${wanted}, not ${shownInput}`;
}

/** `expected text or a list, not 5`: the kinds that several forms are of, where it is of none of them. */
function sayForms(forms: NonNullable<RawIssue['errors']>, input: string): string {
  const wanted = forms.map(([first]) => (first?.code === 'invalid_type' ? kinds[first.expected ?? ''] : undefined));
  const named = [...new Set(wanted.flatMap((one) => one ?? []))];
  return named.length === 0 || named.length < new Set(wanted).size
    ? `none of the forms that are allowed here fits ${input}`
    : `expected ${named.join(' or ')}, not ${input}`;
}

/** `'pyhton' is none of python, node; did you mean python?` */
function sayChoice(allowed: readonly string[], input: unknown, show: Show): string {
  if (allowed.length === 1) return `expected ${allowed[0]}${butNot(show(input), show)}`;
  if (show !== shown) return `expected one of ${allowed.join(', ')}`;
  const near = typeof input === 'string' ? nearest(input, allowed) : undefined;
  return `${show(input)} is none of ${allowed.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  never: 'nothing',
};

const units: Readonly<Record<string, string>> = { string: 'character', array: 'item', object: 'key', record: 'key' };

function sizeOf(origin: string, bound: unknown): string {
  const unit = units[origin];
  return unit === undefined ? String(bound) : `${String(bound)} ${bound === 1 ? unit : `${unit}s`}`;
}

function measured(origin: string, input: unknown, show: Show): string {
  if (units[origin] === undefined) return butNot(show(input), show);
  if (typeof input === 'string') return `, not ${[...input].length}`;
  return `, not ${Array.isArray(input) ? input.length : Object.keys(input ?? {}).length}`;
}

/** `, not 4`; nothing where only the kind may be shown, which is as expected. */
function butNot(input: string, show: Show): string {
  return show === shown ? `, not ${input}` : '';
}

/** A value as it was written, as far as it is short. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `'${value}'` : String(JSON.stringify(value));
  return cut(text, LONGEST);
}

/** What kind of value it is, for one that may be secret. */
export function kindOfValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return (Array.isArray(value) ? kinds['array'] : kinds[typeof value]) ?? typeof value;
}
