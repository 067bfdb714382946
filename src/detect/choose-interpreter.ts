import { coerce, satisfies, validRange } from 'semver';
import { findFamily } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Interpreter, RuntimeFamily } from '#domain/runtime.ts';

/** No interpreter here can run what was asked for. `message` names what exists. */
export interface NoInterpreter {
  readonly kind: 'no-interpreter';
  readonly message: string;
}

export interface Choice {
  readonly family: RuntimeFamily;
  readonly interpreter: Interpreter;
}

/**
 * The first working interpreter of the runtime called `name` (or an alias) whose version satisfies `constraint`.
 * Constraint: `= >= <= > < ~ ^`, joined by commas (all must hold); a bare `3.12` means `~3.12`. Never falls back.
 */
export function chooseInterpreter(
  name: string,
  constraint: string | undefined,
  interpreters: readonly Interpreter[],
): Result<Choice, NoInterpreter> {
  const family = findFamily(name);
  if (!family) return none(`'${name}' is no runtime the agent knows`);
  const own = interpreters.filter((one) => one.family === family.name);
  const usable = own.filter((one) => one.problem === undefined);
  if (usable.length === 0)
    return none(
      own[0]?.problem ? `${family.name} does not work here: ${own[0].problem}` : absent(family, interpreters),
    );
  const range = constraint === undefined ? undefined : rangeOf(constraint);
  if (range === null)
    return none(`runtime_version '${constraint}' is no version constraint (examples: 3.12, >=3.9,<4, ^20)`);
  const interpreter = usable.find((one) => range === undefined || hasVersionIn(one, range));
  if (interpreter) return success({ family, interpreter });
  const versions = usable.map((one) => `${one.version ?? 'unknown version'} (${one.path})`).join(', ');
  return none(`no ${family.name} satisfies runtime_version '${constraint}'; here: ${versions}`);
}

function none(message: string): Result<never, NoInterpreter> {
  return failure({ kind: 'no-interpreter', message });
}

function absent(family: RuntimeFamily, interpreters: readonly Interpreter[]): string {
  const here = [...new Set(interpreters.filter((one) => one.problem === undefined).map((one) => one.family))];
  return `no ${family.name} found here (looked for ${family.binaries.join(', ')}); runtimes that are here: ${here.join(', ') || 'none'}`;
}

/** null: not a constraint. */
function rangeOf(constraint: string): string | null {
  const parts = constraint.split(',').map((part) => part.trim());
  if (parts.some((part) => !/^([=~^]|[<>]=?)?\s*v?\d+(\.\d+){0,2}$/.test(part))) return null;
  return validRange(parts.map((part) => (/^v?\d/.test(part) ? `~${part}` : part)).join(' '));
}

function hasVersionIn({ version }: Interpreter, range: string): boolean {
  const coerced = version === undefined ? null : coerce(version);
  return coerced !== null && satisfies(coerced, range);
}
