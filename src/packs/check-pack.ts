import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { Action } from '#domain/action.ts';
import { nearest } from '#domain/nearest.ts';
import { type LoadedPack, loadPackAt } from './load-action.ts';
import { flawOfFirstLine } from './other-first-lines.ts';
import { packFilesOf } from './pack-files.ts';
import { readYaml } from './read-yaml.ts';
import { readTestCases } from './test-cases.ts';

/** What a pack in a directory is, and everything that is wrong with it. */
export interface CheckedPack {
  /** Undefined: it cannot be loaded. */
  readonly loaded: LoadedPack | undefined;
  /** Each `FILE:LINE:COLUMN: FIELD: SENTENCE`. */
  readonly flaws: readonly string[];
}

/** Checks the files of a pack, whether its scripts are there, and its test cases; it starts nothing. */
export function checkPack(directory: string): CheckedPack {
  const read = loadPackAt(directory);
  const loaded = read.ok ? read.value : undefined;
  const tests = readTestCases(directory, loaded?.pack.ref ?? basename(directory));
  const flaws = [
    ...(read.ok ? [] : flawsOf(read.error)),
    ...(tests.ok ? [] : flawsOf(tests.error)),
    ...(loaded?.actions ?? []).flatMap((action) => flawOfScript(directory, action)),
    ...(loaded && tests.ok ? tests.value.flatMap((one) => testsOfNothing(one.ref, loaded)) : []),
  ];
  return { loaded, flaws };
}

/** Sentences that were joined for one line, each beginning with the path of its file. */
function flawsOf(joined: string): readonly string[] {
  return joined.split(/; (?=\/)/);
}

/** What is wrong with the script of an action: it is not there, or of another language. */
function flawOfScript(directory: string, action: Action): readonly string[] {
  const isThere = existsSync(action.entryPoint);
  const sentence = isThere ? flawOfFirstLine(action) : missingScript(directory, action);
  if (sentence === undefined) return [];
  const [key, { ref }] = [isThere ? 'runner_type' : 'entry_point', action];
  const name = ref.slice(ref.indexOf('.') + 1);
  const file = ['yaml', 'yml']
    .map((end) => join(directory, 'actions', `${name}.${end}`))
    .find((one) => existsSync(one));
  const read = readYaml(file ?? '', z.looseObject({}));
  return [read.ok ? read.value.flaw([key], sentence) : `${ref}: ${key}: ${sentence}`];
}

function missingScript(directory: string, { entryPoint }: Action): string {
  const given = relative(join(directory, 'actions'), entryPoint);
  const near = nearest(basename(given), scriptsBeside(directory, entryPoint));
  return `'${given}' is not there${near === undefined ? '' : `; did you mean ${join(dirname(given), near)}?`}`;
}

function scriptsBeside(directory: string, entryPoint: string): readonly string[] {
  const files = packFilesOf(directory).filter((one) => dirname(one) === dirname(entryPoint));
  return files.map((one) => basename(one)).filter((name) => !/\.ya?ml$/.test(name));
}

function testsOfNothing(ref: string, { actions }: LoadedPack): readonly string[] {
  if (actions.some((one) => one.ref === ref)) return [];
  const near = nearest(
    ref,
    actions.map((one) => one.ref),
  );
  return [`tests: there is no action '${ref}'${near === undefined ? '' : `; did you mean ${near}?`}`];
}
