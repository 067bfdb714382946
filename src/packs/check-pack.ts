import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Action, Pack } from '#domain/action.ts';
import { nearest } from '#domain/nearest.ts';
import { runtimeOf } from './action-runtime.ts';
import { type LoadedPack, loadWhole } from './load-action.ts';
import { isInside } from './locate-script.ts';
import { flawOfFirstLine } from './other-first-lines.ts';
import { packFilesOf } from './pack-files.ts';
import { filesOf, flawsOfNames, nameOfFile, readNames } from './pack-parts.ts';
import { flawsOfExamples } from './parameter-schema.ts';
import { readBroken, sentencesOf, withoutChanged } from './read-yaml.ts';
import { familyOfScript } from './script-family.ts';
import { readTestCases } from './test-cases.ts';
import { flawOfVersionFile } from './version-file.ts';

/** What a pack in a directory is, and everything that is wrong with it. */
export interface CheckedPack {
  /** Without the actions that are broken; undefined: there is no pack. */
  readonly loaded: LoadedPack | undefined;
  /** Each `FILE:LINE:COLUMN: FIELD: SENTENCE`. */
  readonly flaws: readonly string[];
  /** The scripts, also those of actions that are broken otherwise. */
  readonly scripts: readonly Script[];
}

/** A script, and the family that runs it. */
export interface Script {
  readonly entryPoint: string;
  readonly family: string;
}

/** Checks the files of a pack, whether its scripts are there, and its test cases; it starts nothing. */
export function checkPack(directory: string): CheckedPack {
  const noPack = describeNoPack(directory);
  if (noPack !== undefined) return { loaded: undefined, scripts: [], flaws: [noPack] };
  const { loaded, problems } = loadWhole(directory);
  const tests = readTestCases(directory, loaded);
  const files = filesOf(directory, 'actions');
  const names = files.map(nameOfFile);
  return {
    loaded,
    scripts: [
      ...loaded.actions.map(({ entryPoint, runtime }) => ({ entryPoint, family: runtime.name })),
      ...files.flatMap((one) => scriptOfBroken(one, loaded)),
    ],
    flaws: withoutChanged([
      ...problems.flatMap(sentencesOf),
      ...(tests.ok ? [] : sentencesOf({ message: tests.error })),
      ...flawsOfNames(directory, ['tests']),
      ...files.flatMap((one) => missingScript(directory, one)),
      ...loaded.actions.flatMap((one) => flawOf(one, files, { key: 'runner_type', sentence: flawOfFirstLine(one) })),
      ...loaded.actions.flatMap((one) => flawOf(one, files, { key: 'entry_point', sentence: flawOfProgram(one) })),
      ...loaded.actions.flatMap((one) =>
        flawOf(one, files, { key: 'runtime_version', sentence: flawOfVersionFile(directory, one) }),
      ),
      ...files.flatMap(wrongExamples),
      ...testsOfNothing(loaded.pack, names),
    ]),
  };
}

/**
 * Says why a directory is no pack, with the file that may be meant as its pack.yaml, or the directory that may be meant;
 * undefined: it is one.
 */
export function describeNoPack(directory: string): string | undefined {
  const file = join(directory, 'pack.yaml');
  if (existsSync(file)) return undefined;
  const given = statSync(directory, { throwIfNoEntry: false });
  if (!given) return `there is no directory ${directory}`;
  if (!given.isDirectory()) {
    const meant = existsSync(join(dirname(directory), 'pack.yaml')) ? `: its pack is ${dirname(directory)}` : '';
    return `${directory} is no directory of a pack${meant}`;
  }
  const names = readNames(directory);
  if (!names.ok) return names.error;
  const near = names.value.find((name) => /^pack\.ya?ml$/i.test(name));
  const hint = near === undefined ? '' : `; ${near} must be called so`;
  return `there is no ${file}: the file that makes a directory a pack${hint}`;
}

const scriptSchema = z.looseObject({ entry_point: z.string().min(1) });

function missingScript(directory: string, file: string): readonly string[] {
  const read = readBroken(file, scriptSchema);
  if (!read) return []; /* said already */
  const given = read.value.entry_point;
  const entryPoint = resolve(directory, 'actions', given);
  if (!isInside(directory, entryPoint)) return [];
  const found = statSync(entryPoint, { throwIfNoEntry: false });
  if (found) return found.isDirectory() ? [read.flaw(['entry_point'], `'${given}' is a directory, not a script`)] : [];
  const near = nearest(basename(given), scriptsBeside(directory, entryPoint));
  const hint = near === undefined ? '' : `; did you mean ${join(dirname(given), near)}?`;
  return [read.flaw(['entry_point'], `'${given}' is not there${hint}`)];
}

const runnableSchema = scriptSchema.extend({ runner_type: z.string().optional().catch(undefined) });

/** The script of an action that could not be loaded, as far as its file says which one it is. */
function scriptOfBroken(file: string, { pack, actions, runtimes }: LoadedPack): readonly Script[] {
  if (actions.some(({ ref }) => ref === `${pack.ref}.${nameOfFile(file)}`)) return [];
  const value = readBroken(file, runnableSchema)?.value;
  if (!value) return [];
  const entryPoint = resolve(pack.directory, 'actions', value.entry_point);
  if (!isInside(pack.directory, entryPoint)) return [];
  const named = value.runner_type === undefined ? undefined : runtimeOf(value.runner_type, runtimes)?.name;
  return [{ entryPoint, family: named ?? familyOfScript(entryPoint)?.name ?? 'shell' }];
}

/** A sentence about a key of an action, with the place of the key. */
function flawOf(
  action: Action,
  files: readonly string[],
  about: { readonly key: string; readonly sentence: string | undefined },
): readonly string[] {
  const { key, sentence } = about;
  if (sentence === undefined) return [];
  const name = action.ref.slice(action.ref.indexOf('.') + 1);
  const read = readBroken(files.find((one) => nameOfFile(one) === name) ?? '', z.looseObject({}));
  return [read ? read.flaw([key], sentence) : `${action.ref}: ${key}: ${sentence}`];
}

const parametersSchema = z.looseObject({ parameters: z.record(z.string(), z.unknown()) });

/** Examples that their own parameter would refuse. */
function wrongExamples(file: string): readonly string[] {
  const read = readBroken(file, parametersSchema);
  if (!read) return []; /* it has no parameters, or it is said already what is wrong with them */
  return flawsOfExamples(read.value.parameters).map(({ path, message }) => read.flaw(['parameters', ...path], message));
}

/** The sentence for a program that runs by itself and cannot be executed. */
function flawOfProgram({ entryPoint, runtime }: Action): string | undefined {
  const found = runtime.name === 'native' ? statSync(entryPoint, { throwIfNoEntry: false }) : undefined;
  return found?.isFile() && (found.mode & 0o111) === 0
    ? `'${basename(entryPoint)}' is not executable: chmod +x`
    : undefined;
}

function scriptsBeside(directory: string, entryPoint: string): readonly string[] {
  const files = [...packFilesOf(directory)].filter((one) => dirname(one) === dirname(entryPoint));
  return files.map((one) => basename(one)).filter((name) => !/\.ya?ml$/.test(name));
}

/** Test cases of actions that are not there. */
function testsOfNothing({ ref, directory }: Pack, names: readonly string[]): readonly string[] {
  return filesOf(directory, 'tests').flatMap((file) => {
    const read = readBroken(file, testedSchema);
    const name = read?.value.action ?? nameOfFile(file);
    if (names.includes(name)) return [];
    const bare = name.startsWith(`${ref}.`) ? name.slice(ref.length + 1) : undefined;
    if (read && bare !== undefined && names.includes(bare))
      return [read.flaw(['action'], `expected the name without its pack, '${bare}', not '${name}'`)];
    const near = nearest(name, names);
    const hint = near === undefined ? '' : `; did you mean ${ref}.${near}?`;
    const sentence = `there is no action '${ref}.${name}'${hint}`;
    return [read ? read.flaw(['action'], sentence) : `${file}: ${sentence}`];
  });
}

const testedSchema = z.looseObject({ action: z.string().optional().catch(undefined) });
