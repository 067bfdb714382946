import { existsSync } from 'node:fs';
import { findFamily, native } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ExecutionConfig, Interpreter, RuntimeFamily, VariableChanges } from '#domain/runtime.ts';
import { type Choice, chooseInterpreter } from '#execution/runtimes/choose-interpreter.ts';
import type { ScriptSource } from '#execution/script/open-script.ts';
import { noteOnFirstLine } from '#packs/other-first-lines.ts';
import { configFor, isWanted } from '#packs/runtimes.ts';
import { byShebang, isExecutable, isOfFamily } from './by-shebang.ts';
import { byVersionFile, conflicts } from './by-version-file.ts';
import { readScriptHints, type ScriptHints } from './script-hints.ts';

export interface RuntimeRequest {
  /** Name or alias. */
  readonly name: string;
  readonly constraint: string | undefined;
  /** What its row or its pack says about it. */
  readonly config: unknown;
}

export interface RuntimeChoice extends Choice {
  readonly config: ExecutionConfig | undefined;
  /** The arguments that the first line of the script gives its interpreter, before the file. */
  readonly args: readonly string[];
  /** The variables that the first line sets or takes away. */
  readonly variables: VariableChanges;
  /** Sentences for the log: what was decided between a version file and a constraint, and a first line that did not count. */
  readonly notes: readonly string[];
}

/**
 * Chooses the interpreter for a script, and reads what its runtime says for that one. It is never another than what was
 * asked for: by the action (family, version), by its runtime (binary), and by the first line of its script (`#!…`). The
 * version file of a pack decides between versions that are here, where the action leaves it open.
 */
export function chooseRuntime(
  script: ScriptSource,
  request: RuntimeRequest,
  interpreters: readonly Interpreter[],
): Result<RuntimeChoice, string> {
  if (findFamily(request.name) === native) return chooseNative(script, request);
  const hints = readScriptHints(script, request.name);
  if (!hints.ok) return hints;
  const { shebang, versionFile } = hints.value;
  const family = findFamily(request.name);
  const fitting = fittingInterpreters(request, family, { interpreters, shebang });
  if (!fitting.ok) return fitting;
  const wanted = byVersionFile(
    versionFile,
    request.constraint,
    fitting.value.filter((one) => one.family === family?.name),
  );
  const choice = chooseInterpreter(request.name, wanted.constraint, wanted.named ?? fitting.value);
  if (!choice.ok) return failure(choice.error.message);
  const own = configFor(request.config, choice.value.interpreter.version);
  if (!own.ok) return failure(`its runtime ${request.name} is misconfigured: ${own.error}`);
  return success({
    ...choice.value,
    config: own.value,
    ...(shebang && isOfFamily(shebang, choice.value.family)
      ? { args: shebang.args, variables: shebang.variables }
      : { args: [], variables: {} }),
    notes: [
      ...(versionFile && !wanted.named ? conflicts(versionFile, request.constraint, choice.value.interpreter) : []),
      ...[noteOnFirstLine(shebang, choice.value.family.name) ?? []].flat(),
    ],
  });
}

/** A program is its own interpreter. It needs the right to be executed. */
function chooseNative(script: ScriptSource, { constraint, config }: RuntimeRequest): Result<RuntimeChoice, string> {
  if ('code' in script) return failure('its runtime native runs programs, and it came with code');
  if (constraint !== undefined)
    return failure(`its runtime native has no versions, and runtime_version is ${constraint}`);
  const own = configFor(config, undefined);
  if (!own.ok) return failure(`its runtime native is misconfigured: ${own.error}`);
  if (existsSync(script.file) && !isExecutable(script.file))
    return failure(`its runtime is native, and ${script.file} is not executable: chmod +x`);
  const { interpreter: _, ...rest } = own.value ?? {};
  const { file: path } = script;
  const program = { family: native.name, path, realPath: path, version: undefined, problem: undefined, probeMs: 0 };
  return success({ family: native, interpreter: program, config: rest, args: [], variables: {}, notes: [] });
}

function fittingInterpreters(
  request: RuntimeRequest,
  family: RuntimeFamily | undefined,
  { interpreters, shebang }: { readonly interpreters: readonly Interpreter[] } & Pick<ScriptHints, 'shebang'>,
): Result<readonly Interpreter[], string> {
  const fitting = byConfig(request, family, interpreters);
  return fitting.ok && shebang && family ? byShebang(shebang, family, fitting.value) : fitting;
}

/** The interpreters that the configuration of a runtime leaves; those of other families stay. */
function byConfig(
  { name, config }: RuntimeRequest,
  family: RuntimeFamily | undefined,
  interpreters: readonly Interpreter[],
): Result<readonly Interpreter[], string> {
  const general = configFor(config, undefined);
  if (!general.ok) return failure(`its runtime ${name} is misconfigured: ${general.error}`);
  const ofFamily = interpreters.filter((one) => one.family === family?.name);
  const fitting = interpreters.filter(
    (one) => family === undefined || one.family !== family.name || isWanted(general.value, family, one),
  );
  if (ofFamily.length === 0 || fitting.some((one) => one.family === family?.name)) return success(fitting);
  const paths = ofFamily.map((one) => one.path).join(', ');
  return failure(`its runtime wants ${general.value?.interpreter?.binary}, which is not here; here: ${paths}`);
}
