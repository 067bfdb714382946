import { findFamily } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig, Interpreter } from '#domain/runtime.ts';
import { type Choice, chooseInterpreter } from '#execution/runtimes/choose-interpreter.ts';
import { configFor, isWanted } from '#packs/runtimes.ts';

interface RuntimeRequest {
  /** Name or alias. */
  readonly name: string;
  readonly constraint: string | undefined;
  /** What its row or its pack says about it. */
  readonly config: unknown;
}

export type RuntimeChoice = Choice & { readonly config: ExecutionConfig | undefined };

/** The interpreter for an action, and what its runtime says for that one. Never another than what was asked for. */
export function chooseRuntime(
  { name, constraint, config }: RuntimeRequest,
  interpreters: readonly Interpreter[],
): Result<RuntimeChoice, string> {
  const family = findFamily(name);
  const general = configFor(config, undefined);
  const isFit = (one: Interpreter): boolean =>
    family === undefined || one.family !== family.name || isWanted(general, family, one);
  const fitting = interpreters.filter(isFit);
  const own = interpreters.filter((one) => one.family === family?.name);
  if (own.length > 0 && !fitting.some((one) => one.family === family?.name)) {
    const paths = own.map((one) => one.path).join(', ');
    return failure(`its runtime wants ${general?.interpreter?.binary}, which is not here; here: ${paths}`);
  }
  const choice = chooseInterpreter(name, constraint, fitting);
  if (!choice.ok) return failure(choice.error.message);
  return success({ ...choice.value, config: configFor(config, choice.value.interpreter.version) });
}
