import { findFamily } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig, Interpreter } from '#domain/runtime.ts';
import { type Choice, chooseInterpreter } from '#execution/runtimes/choose-interpreter.ts';
import { configFor, isWanted } from '#packs/runtimes.ts';

export interface RuntimeRequest {
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
  if (!general.ok) return failure(`its runtime ${name} is misconfigured: ${general.error}`);
  const isFit = (one: Interpreter): boolean =>
    family === undefined || one.family !== family.name || isWanted(general.value, family, one);
  const fitting = interpreters.filter(isFit);
  const ofFamily = interpreters.filter((one) => one.family === family?.name);
  if (ofFamily.length > 0 && !fitting.some((one) => one.family === family?.name)) {
    const paths = ofFamily.map((one) => one.path).join(', ');
    return failure(`its runtime wants ${general.value?.interpreter?.binary}, which is not here; here: ${paths}`);
  }
  const choice = chooseInterpreter(name, constraint, fitting);
  if (!choice.ok) return failure(choice.error.message);
  const own = configFor(config, choice.value.interpreter.version);
  if (!own.ok) return failure(`its runtime ${name} is misconfigured: ${own.error}`);
  return success({ ...choice.value, config: own.value });
}
