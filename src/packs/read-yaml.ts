import type { Document } from 'yaml';
import type { z } from 'zod';
import { fileErrorOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { SAID, shown } from '#domain/say-issue.ts';
import { shortened } from '#domain/shortened.ts';
import type { Place } from '#formats/decode-text.ts';
import { writeOutMerges } from '#formats/merge-keys.ts';
import { readStart } from '#formats/read-file.ts';
import { MOST_YAML_BYTES, nearValueOfYaml, type ParsedYaml, parseYamlDocument } from '#formats/yaml.ts';
import { keepText } from './keep-text.ts';
import { describeUnknownKey, keysAt, UNKNOWN_KEY } from './schema-shape.ts';

/**
 * The reason why something of a pack cannot be loaded; `message` names the file and the field, or the nearest names.
 */
export interface PackProblem {
  readonly kind: 'no-such-pack' | 'no-such-action' | 'invalid-pack';
  readonly message: string;
  /** The pack or the action that cannot be loaded, by its ref. */
  readonly ref?: string;
}

export interface ReadYaml<T> {
  readonly value: T;
  /** `FILE:LINE:COLUMN: PATH: MESSAGE` for something that is wrong with the value at a path. */
  flaw(path: readonly PropertyKey[], message: string): string;
}

/**
 * Reads a YAML file of a pack and checks it. Every key must be one of the schema's, and texts are kept as they were
 * written. `prepare` may change the document before it becomes a value. The error names everything that is wrong.
 */
export function readYaml<S extends z.ZodType>(
  file: string,
  schema: S,
  prepare?: (document: Document) => void,
): Result<ReadYaml<z.infer<S>>, PackProblem> {
  const read = check(file, schema, prepare);
  if (!read.ok) return read;
  const { checked, flaw, lossy, value } = read.value;
  if (checked.success && lossy.length === 0) return success({ value: checked.data, flaw });
  const issues = checked.success ? [] : checked.error.issues;
  const flaws = [...lossy, ...issues.flatMap((issue) => flawsOf(issue, schema, { flaw, value }))];
  return problem('invalid-pack', flaws.join('; '));
}

/** Reads a file of which `readYaml` has said already that something is wrong; undefined if it does not fit `schema` either. */
export function readBroken<S extends z.ZodType>(
  file: string,
  schema: S,
  prepare?: (document: Document) => void,
): ReadYaml<z.infer<S>> | undefined {
  const read = check(file, schema, prepare);
  return read.ok && read.value.checked.success ? { value: read.value.checked.data, flaw: read.value.flaw } : undefined;
}

interface Checked<S extends z.ZodType> extends Pick<ReadYaml<unknown>, 'flaw'> {
  readonly checked: z.ZodSafeParseResult<z.infer<S>>;
  /** What is checked. */
  readonly value: unknown;
  /** The flaw of each value that would be changed. */
  readonly lossy: readonly string[];
}

function check<S extends z.ZodType>(
  file: string,
  schema: S,
  prepare?: (document: Document) => void,
): Result<Checked<S>, PackProblem> {
  const bytes = readBytes(file);
  if (!bytes.ok) return bytes;
  const parsed = parseYamlDocument(bytes.value);
  if (!parsed.ok) return problem('invalid-pack', sayAt(file, parsed.error.place, parsed.error.message));
  const { document } = parsed.value;
  writeOutMerges(document);
  keepText(document, schema);
  prepare?.(document);
  const value = nearValueOfYaml(document);
  if (!value.ok) return problem('invalid-pack', sayAt(file, undefined, value.error));
  const own = withoutExtensions(value.value);
  return success({
    value: own,
    checked: schema.safeParse(own, SAID),
    flaw: flawIn(file, parsed.value),
    lossy: parsed.value.lossyValues().map(({ message, place }) => sayAt(file, place, message)),
  });
}

/**
 * The sentences `FILE:LINE:COLUMN: …` without others about a value that reading would change: they would show one that
 * nobody wrote.
 */
export function withoutChanged(flaws: readonly string[]): readonly string[] {
  const changed = flaws.filter(isOfChange);
  return flaws.filter((one) => isOfChange(one) || !changed.some((other) => placeIn(other) === placeIn(one)));
}

function isOfChange(flaw: string): boolean {
  return / would be changed to /.test(flaw);
}

function placeIn(flaw: string): string | undefined {
  return /^.*?:\d+:\d+(?=: )/.exec(flaw)?.[0];
}

/** The sentences of a problem, which were joined for one line, each beginning with the path of its file. */
export function sentencesOf({ message }: Pick<PackProblem, 'message'>): readonly string[] {
  return message.split(/; (?=\/)/);
}

export function problem(kind: PackProblem['kind'], message: string): Result<never, PackProblem> {
  return failure({ kind, message });
}

/** Keys that begin with `x-` are the author's own: anchors to merge, notes, what other tools read. */
function withoutExtensions(value: unknown): unknown {
  if (!isRecord(value)) return value ?? {};
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

function readBytes(file: string): Result<Uint8Array, PackProblem> {
  try {
    return success(readStart(file, MOST_YAML_BYTES + 1));
  } catch (error) {
    return problem('invalid-pack', `${file} cannot be read: ${fileErrorOf(error)}`);
  }
}

function flawIn(file: string, parsed: ParsedYaml): ReadYaml<unknown>['flaw'] {
  return (path, message) => {
    const key = message.startsWith(UNKNOWN_KEY) ? parsed.placeOfKey(path.map(String)) : undefined;
    return sayAt(
      file,
      key ?? parsed.placeOf(path),
      `${path.length > 0 ? `${shortened(path.join('.'))}: ` : ''}${message}`,
    );
  };
}

function sayAt(file: string, place: Place | undefined, message: string): string {
  const at = place === undefined ? file : `${file}:${place.line}:${place.column}`;
  return `${at}: ${shortened(message)}`;
}

function flawsOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  { flaw, value }: Pick<Checked<z.ZodType>, 'flaw' | 'value'>,
): readonly string[] {
  const inForm = issue.code === 'invalid_union' ? formMeant(issue.errors) : undefined;
  if (inForm) {
    const whole = inForm.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
    return whole.flatMap((one) => flawsOf(one, schema, { flaw, value }));
  }
  if (issue.code !== 'unrecognized_keys') return [flaw(issue.path, withValue(issue, value))];
  const known = keysAt(schema, issue.path);
  return issue.keys.map((key) => flaw([...issue.path, key], describeUnknownKey(key, known)));
}

/** What is wrong with the only form that takes the kind of value at all; undefined where none does, or several do. */
function formMeant(forms: z.core.$ZodIssueInvalidUnion['errors']): readonly z.core.$ZodIssue[] | undefined {
  const meant = forms.filter((issues) => !issues.some((one) => one.code === 'invalid_type' && one.path.length === 0));
  return meant.length === 1 ? meant[0] : undefined;
}

/** What an issue says. A sentence of a schema's own says what is allowed; the value stands before it. */
function withValue({ code, path, message }: z.core.$ZodIssue, whole: unknown): string {
  const value = path.reduce<unknown>((inner, key) => Object(inner)[key], whole);
  const isOwn = code === 'invalid_format' && typeof value === 'string';
  return isOwn && !message.includes(shown(value)) ? `${shown(value)}: ${message}` : message;
}
