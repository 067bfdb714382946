import { statSync } from 'node:fs';
import { sep } from 'node:path';
import { fileErrorOf } from '#domain/errors.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { findCarriageReturn, readScriptStart } from '#execution/script/line-ends.ts';
import { type CheckedPack, checkPack, type Script } from '#packs/check-pack.ts';
import { syntaxFlaw } from './check-syntax.ts';

/** Checks a pack, the syntax of its scripts and the line ends of those for shells. Paths below the working directory are shown relative to it. */
export function validatePack(directory: string, env: ProcessEnv): CheckedPack {
  const { loaded, flaws, scripts } = checkPack(directory);
  const broken = new Set<string>();
  for (const script of scripts) {
    const flaw = isFile(script.entryPoint) ? flawOfScript(script, env) : undefined; /* else it is said already */
    if (flaw !== undefined) broken.add(flaw);
  }
  const here = `${process.cwd()}${sep}`;
  return { loaded, scripts, flaws: [...flaws, ...broken].map((flaw) => flaw.replaceAll(here, '')) };
}

function flawOfScript(script: Script, env: ProcessEnv): string | undefined {
  try {
    return flawOfLineEnds(script) ?? syntaxFlaw(script, env);
  } catch (error) {
    return `${script.entryPoint} cannot be read: ${fileErrorOf(error)}`;
  }
}

/** The first line of a shell script with the line ends of Windows, which a worker refuses to run. */
function flawOfLineEnds({ entryPoint, family }: Script): string | undefined {
  const line = family === 'shell' ? findCarriageReturn(readScriptStart(entryPoint)) : undefined;
  if (line === undefined) return undefined;
  return `${entryPoint}:${line}:1: it has the line ends of Windows (CRLF), with which no shell runs it: save it with LF`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
