import { isDeepStrictEqual } from 'node:util';
import { RE2JS } from 're2js';
import { type Document, isMap, isSeq } from 'yaml';
import { z } from 'zod';
import type { Action, Parameters } from '#domain/action.ts';
import { nearest } from '#domain/nearest.ts';
import { isRecord } from '#domain/record.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { shown } from '#domain/say-issue.ts';
import { keepTextOfValues } from './keep-text.ts';
import type { LoadedPack } from './load-action.ts';
import { filesOf, nameOfFile } from './pack-parts.ts';
import { casesPartsSchema } from './pack-schemas.ts';
import { type ReadYaml, readBroken, readYaml } from './read-yaml.ts';

/** The member of an expected result that stands for any text with a pattern in it. */
const MATCHER = '$matches';

/** The ends of an execution that a test case can expect; `refused` is one that nothing was started for. */
const TEST_STATUSES = ['completed', 'failed', 'timeout', 'refused'] as const;

const text = z.union([z.string(), z.array(z.string())]).transform((one) => (typeof one === 'string' ? [one] : one));

/** The schema of `tests/NAME.yaml`: the cases of one action. */
export const testSchema = z.strictObject({
  action: z.string().optional().describe('The name of the action, without its pack. Default: the name of the file'),
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe('What the case shows, for the report'),
        parameters: z.record(z.string(), z.unknown()).default({}).describe('The parameters of the execution'),
        status: z.enum(TEST_STATUSES).default('completed').describe('How the execution ends'),
        result: z
          .unknown()
          .optional()
          .describe(
            'The output of the action, parsed. Of an object only the members that stand here are compared; `{$matches: PATTERN}` in the place of a value fits any text with that pattern (RE2) in it',
          ),
        log: text.default([]).describe('Text that the log contains, or a list of such texts'),
        error: z.string().optional().describe('Text that the error of the execution contains'),
      }),
    )
    .describe('The cases, which run one after the other'),
});

export interface TestCase {
  readonly name: string;
  readonly parameters: Parameters;
  readonly status: (typeof TEST_STATUSES)[number];
  /** Undefined: the result is not looked at. */
  readonly result?: unknown;
  /** Texts that the log contains. */
  readonly log: readonly string[];
  readonly error?: string | undefined;
}

export interface ActionTests {
  /** PACK.ACTION */
  readonly ref: string;
  readonly cases: readonly TestCase[];
}

/**
 * Reads `tests/*.yaml` of the pack in a directory, with their texts as they were written. The error names everything that
 * is wrong with them.
 */
export function readTestCases(
  directory: string,
  { pack, actions }: Pick<LoadedPack, 'pack' | 'actions'>,
): Result<readonly ActionTests[], string> {
  const flaws: string[] = [];
  const tests = filesOf(directory, 'tests').flatMap((file) => {
    const named = nameOfFile(file);
    const read = readYaml(file, testSchema, (document) => {
      const ref = `${pack.ref}.${String(document.get('action') ?? named)}`;
      keepTextOfCases(document, actions.find((one) => one.ref === ref)?.parameterSchema);
    });
    if (!read.ok) flaws.push(read.error.message);
    const parts = readBroken(file, casesPartsSchema);
    if (parts) flaws.push(...flawsOfMatchers(parts));
    const { action = named, cases = [] } = read.ok ? read.value.value : {};
    return [{ ref: `${pack.ref}.${action}`, cases }];
  });
  return flaws.length > 0 ? failure(flaws.join('; ')) : success(tests);
}

function keepTextOfCases(document: Document, schema: Action['parameterSchema']): void {
  const cases = document.get('cases', true);
  for (const one of isSeq(cases) ? cases.items : [])
    if (isMap(one)) keepTextOfValues(one.get('parameters', true), schema);
}

/** What is wrong with the matchers of expected results. */
function flawsOfMatchers({ value, flaw }: ReadYaml<z.infer<typeof casesPartsSchema>>): readonly string[] {
  return value.cases.flatMap(({ result }, at) =>
    matchersIn(result, ['cases', at, 'result']).flatMap(({ path, matcher }) => {
      const sentence = flawOfMatcher(matcher);
      return sentence === undefined ? [] : [flaw(path, sentence)];
    }),
  );
}

interface Matcher {
  readonly path: readonly PropertyKey[];
  readonly matcher: Readonly<Record<string, unknown>>;
}

/** The objects in an expected result, at any depth, that stand for a matcher, or are meant to. */
function matchersIn(wanted: unknown, path: readonly PropertyKey[]): readonly Matcher[] {
  if (Array.isArray(wanted)) return wanted.flatMap((one, index) => matchersIn(one, [...path, index]));
  if (!isRecord(wanted)) return [];
  const isMeant = Object.keys(wanted).some((key) => key.startsWith('$') && nearest(key, [MATCHER]) !== undefined);
  if (isMeant) return [{ path, matcher: wanted }];
  return Object.entries(wanted).flatMap(([key, one]) => matchersIn(one, [...path, key]));
}

function flawOfMatcher(matcher: Matcher['matcher']): string | undefined {
  const pattern = matcher[MATCHER];
  const others = Object.keys(matcher).filter((key) => key !== MATCHER);
  if (pattern === undefined) return `${others.map(shown).join(', ')} is no matcher; did you mean ${MATCHER}?`;
  if (others.length > 0)
    return `${MATCHER} stands alone: ${others.map(shown).join(', ')} beside it would not be compared`;
  if (typeof pattern !== 'string') return `${MATCHER}: expected a pattern (RE2), not ${shown(pattern)}`;
  return isPattern(pattern) ? undefined : `'${pattern}' is no pattern (RE2)`;
}

function isPattern(text: string): boolean {
  try {
    return RE2JS.compile(text) !== undefined;
  } catch {
    return false;
  }
}

/** What an execution left, for the comparison with a test case. */
export interface TestOutcome {
  readonly status: string;
  readonly result: unknown;
  readonly log: string;
  readonly error: string | undefined;
}

/** Compares an execution with its test case. Returns a sentence for each thing that differs. */
export function compareOutcome(wanted: TestCase, got: TestOutcome): readonly string[] {
  const missing = wanted.log.filter((one) => !got.log.includes(one));
  const reason = got.error === undefined ? '' : ` (${got.error})`;
  const isSaid = got.status !== wanted.status || got.result !== undefined;
  return [
    ...(got.status === wanted.status ? [] : [`status: expected ${wanted.status}, got ${got.status}${reason}`]),
    ...(wanted.result === undefined ? [] : differences(wanted.result, got.result, 'result')).map((one) =>
      isSaid ? one : `${one}${reason}`,
    ),
    ...missing.map((one) => `log: it does not contain ${JSON.stringify(one)}`),
    ...(wanted.error === undefined || got.error?.includes(wanted.error)
      ? []
      : [`error: expected ${JSON.stringify(wanted.error)} in it, got ${JSON.stringify(got.error ?? null)}`]),
  ];
}

function differences(wanted: unknown, got: unknown, path: string): readonly string[] {
  if (isRecord(wanted) && typeof wanted['$matches'] === 'string') return mismatch(wanted['$matches'], got, path);
  if (isRecord(wanted) && isRecord(got))
    return Object.entries(wanted).flatMap(([key, one]) => differences(one, got[key], `${path}.${key}`));
  if (Array.isArray(wanted) && Array.isArray(got) && wanted.length === got.length)
    return wanted.flatMap((one, index) => differences(one, got[index], `${path}[${index}]`));
  if (isDeepStrictEqual(wanted, got)) return [];
  return [`${path}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got ?? null)}`];
}

function mismatch(pattern: string, got: unknown, path: string): readonly string[] {
  try {
    if (typeof got === 'string' && RE2JS.compile(pattern).matcher(got).find()) return [];
  } catch {
    return [`${path}: ${pattern} is no pattern`];
  }
  return [`${path}: expected a text with the pattern ${pattern}, got ${JSON.stringify(got ?? null)}`];
}
