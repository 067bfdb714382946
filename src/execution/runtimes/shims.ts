import { basename } from 'node:path';
import type { Interpreter } from '#domain/runtime.ts';

/** Programs that stand in for interpreters and choose one by the directory they run in, by the name of their real file. */
export const PROXIES: ReadonlySet<string> = new Set([
  ...['rustup', 'rustup-init', 'volta', 'volta-shim', 'mise', 'rtx', 'asdf', 'proto', 'proto-shim', 'jenv', 'goenv'],
  ...['julialauncher', 'swiftly'],
]);

/**
 * Puts the real program in the place of each shim of a version manager (pyenv, rbenv, asdf, mise, proto, rustup, volta, …): the
 * one of the same version that the manager has installed. A shim would run another version in another directory. A shim
 * whose program is not among the interpreters stays.
 */
export function withoutShims(interpreters: readonly Interpreter[]): readonly Interpreter[] {
  const real = interpreters.filter((one) => !isShim(one));
  const resolved = interpreters.map((one) => (isShim(one) ? (programBehind(one, real) ?? one) : one));
  return [...new Set(resolved)];
}

/** Tells whether an interpreter is a shim of a version manager. */
export function isShim({ path, realPath }: Pick<Interpreter, 'path' | 'realPath'>): boolean {
  return /\/shims\/[^/]+$/.test(path) || PROXIES.has(basename(realPath));
}

function programBehind(shim: Interpreter, real: readonly Interpreter[]): Interpreter | undefined {
  if (shim.problem !== undefined) return undefined;
  const root = shim.path.slice(0, shim.path.lastIndexOf('/shims/') + 1);
  const same = real.filter(
    (one) =>
      one.problem === undefined &&
      one.family === shim.family &&
      one.version === shim.version &&
      one.implementation === shim.implementation,
  );
  return same.find((one) => root !== '' && one.path.startsWith(root)) ?? same[0];
}
