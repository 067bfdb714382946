import { findFamily } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Interpreter, RuntimeFamily } from '#domain/runtime.ts';
import { describeNoConstraint, parseConstraint } from '#domain/version-constraint.ts';

/** The error that no interpreter here can run what was asked for. `message` names what exists. */
export interface NoInterpreter {
  readonly kind: 'no-interpreter';
  readonly message: string;
}

export interface Choice {
  readonly family: RuntimeFamily;
  readonly interpreter: Interpreter;
}

/**
 * Chooses the first working interpreter of the runtime called `name` (or an alias) whose version satisfies
 * `constraint`. Never falls back.
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
  const wanted = constraint === undefined ? undefined : parseConstraint(constraint);
  if (wanted === null) return none(`runtime_version ${describeNoConstraint(constraint ?? '')}`);
  const interpreter = usable.find((one) => wanted === undefined || wanted.allows(one.version));
  if (interpreter) return success({ family, interpreter });
  const versions = usable.map((one) => `${one.version ?? 'unknown version'} (${one.path})`).join(', ');
  return none(`no ${family.name} satisfies runtime_version '${constraint}'; here: ${versions}`);
}

function none(message: string): Result<never, NoInterpreter> {
  return failure({ kind: 'no-interpreter', message });
}

function absent(family: RuntimeFamily, interpreters: readonly Interpreter[]): string {
  const here = [...new Set(interpreters.filter((one) => one.problem === undefined).map((one) => one.family))];
  const others = here.length === 0 ? '' : `; runtimes that are here: ${here.join(', ')}`;
  return `no ${family.name} found here (looked for ${family.binaries.join(', ')})${others}`;
}
