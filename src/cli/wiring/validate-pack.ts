import { statSync } from 'node:fs';
import { sep } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';
import { type CheckedPack, checkPack } from '#packs/check-pack.ts';
import { syntaxFlaw } from './check-syntax.ts';

/** Checks a pack and the syntax of its scripts. Paths below the working directory are shown relative to it. */
export function validatePack(directory: string, env: ProcessEnv): CheckedPack {
  const { loaded, flaws, scripts } = checkPack(directory);
  const broken = new Set<string>();
  for (const script of scripts) {
    const flaw = isFile(script.entryPoint) ? syntaxFlaw(script, env) : undefined; /* else it is said already */
    if (flaw !== undefined) broken.add(flaw);
  }
  const here = `${process.cwd()}${sep}`;
  return { loaded, scripts, flaws: [...flaws, ...broken].map((flaw) => flaw.replaceAll(here, '')) };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
