import { statSync } from 'node:fs';
import { families, findFamily } from '#domain/families.ts';
import { nearest } from '#domain/nearest.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { RuntimeFamily } from '#domain/runtime.ts';
import { familyOfScript } from '#packs/script-family.ts';

/** Tells a script from an action: `stats.py` and `./stats` are scripts, `sample.stats` is an action. */
export function isScript(what: string): boolean {
  return what.includes('/') || (statSync(what, { throwIfNoEntry: false })?.isFile() ?? false);
}

/** The runtime family of a script: the one that was named, else that of its first line, else that of its extension. */
export function familyHere(path: string, runtime: string | undefined): Result<RuntimeFamily, string> {
  const flaw = flawOfScript(path);
  if (flaw !== undefined) return failure(flaw);
  const family = runtime === undefined ? familyOfScript(path) : findFamily(runtime);
  if (family) return success(family);
  return failure(runtime === undefined ? noLanguageOf(path) : noRuntime(runtime));
}

/** Says that an action takes no --runtime; undefined: none was given. */
export function flawOfRuntime(what: string, runtime: string | undefined): string | undefined {
  return runtime === undefined
    ? undefined
    : `--runtime ${runtime}: ${what} is no file, and an action has its own runtime`;
}

/** Says what keeps a path from being a script at all; undefined: nothing does. */
function flawOfScript(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return `${path} does not exist`;
  return stat.isFile() ? undefined : `${path} is not a file`;
}

function noLanguageOf(path: string): string {
  const known = new Set(families.flatMap((one) => one.script.extensions));
  return `${path}: cannot tell its language: no known first line (#!), no known extension (${[...known].join(' ')}); say it with --runtime`;
}

function noRuntime(name: string): string {
  const known = families.map((family) => family.name);
  const near = nearest(
    name,
    families.flatMap((family) => [family.name, ...family.aliases]),
  );
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return `--runtime: '${name}' is none of ${known.join(', ')}${hint}`;
}
