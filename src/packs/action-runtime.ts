import type { Action, Pack, PackRuntime } from '#domain/action.ts';
import { families, findFamily } from '#domain/families.ts';
import { nearest } from '#domain/nearest.ts';
import { isInside } from './locate-script.ts';
import { familyOfScript } from './script-family.ts';

/** The runtimes of a pack; undefined: they cannot be read, so that nobody knows which there are. */
export type OwnRuntimes = readonly PackRuntime[] | undefined;

/** What runs an action: what it names, else what its script shows by itself; `shell` is for what shows nothing. */
export function runnerTypeOf(
  { runner_type: named }: { readonly runner_type?: string | undefined },
  pack: Pack,
  entryPoint: string | undefined,
): string {
  if (named !== undefined) return named;
  const isOurs = entryPoint !== undefined && isInside(pack.directory, entryPoint);
  return (isOurs ? familyOfScript(entryPoint)?.name : undefined) ?? 'shell';
}

/** Finds the runtime of an action: one of the pack's own, else the agent's. Undefined: there is none of that name. */
export function runtimeOf(runnerType: string, own: OwnRuntimes): Action['runtime'] | undefined {
  const runtimes = own ?? [];
  const wanted = runnerType.toLowerCase();
  const named = runtimes.find((one) => namesOf(one).some((name) => name.toLowerCase() === wanted));
  if (named) return { ref: named.ref, name: named.family, config: named.config };
  const name = findFamily(runnerType)?.name ?? (own === undefined ? runnerType : undefined);
  if (name === undefined) return undefined;
  const sameFamily = runtimes.find((one) => one.family === name && one.ref.endsWith(`.${name}`));
  return sameFamily
    ? { ref: sameFamily.ref, name, config: sameFamily.config }
    : { ref: `core.${name}`, name, config: undefined };
}

function namesOf({ ref, name, aliases }: PackRuntime): readonly string[] {
  return [ref, name, ...aliases];
}

/** Languages and extensions by which people call a runtime that has another name here. */
const LANGUAGES: Readonly<Record<string, string>> = {
  javascript: 'node',
  js: 'node',
  typescript: 'deno or bun',
  ts: 'deno or bun',
  py: 'python',
  pl: 'perl',
  zsh: 'shell',
  ksh: 'shell',
};

/** Says that nobody knows a runtime, with the nearest name, or all of them. */
export function describeUnknownRuntime(runnerType: string, runtimes: OwnRuntimes): string {
  const known = [...(runtimes ?? []).flatMap(namesOf), ...families.map(({ name }) => name)];
  const near = LANGUAGES[runnerType.toLowerCase()] ?? nearest(runnerType, known);
  const hint = near === undefined ? ` (known: ${known.join(', ')})` : `; did you mean ${near}?`;
  return `'${runnerType}' is no runtime the agent knows${hint}`;
}
