import { join } from 'node:path';
import type { Clock } from '#domain/clock.ts';
import type { PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import { type Result, success } from '#domain/result.ts';
import type { ProcessEnv, VariableChanges } from '#domain/runtime.ts';
import { realPath } from '#execution/process/real-path.ts';
import type { CopiedDirectory } from '#execution/process/show-original.ts';
import { type BuildSandbox, runPlace } from './build.ts';
import { createChecksum } from './checksum.ts';
import { type BuildIo, createEnsure, failed, type NotPrepared } from './ensure.ts';
import { directoryOf, fillIn, fillInVariables } from './execution-config.ts';
import { collectGarbage, type KeepLimits } from './garbage.ts';
import { volumeId } from './layout.ts';
import { type BuildPlan, type PlanSettings, planDependencies, planProgram, type ScriptPlace } from './plan.ts';
import type { RunChanges, RunPlace } from './recipe.ts';
import { createUsageCounts } from './usage-counts.ts';
import type { VerificationTime } from './verification.ts';

export interface PackEnvironmentSettings {
  /** Absolute path of the directory that holds them. */
  readonly root: string;
  readonly machine: PlanSettings['machine'];
  readonly env: ProcessEnv;
  readonly isOffline: boolean;
  /** The time limit of one build. */
  readonly timeoutMs: number;
  /** The sandbox of installers; undefined: they may do what the agent may. */
  readonly sandbox?: BuildSandbox | undefined;
  readonly limits: KeepLimits;
  /** When environments are compared with what was built. */
  readonly verify: VerificationTime;
  readonly clock: Clock;
}

/** The way in which a script is run, which stays usable until disposed. */
interface Prepared extends Disposable {
  readonly interpreter: string;
  /** The whole command line; undefined: that of the family. */
  readonly command: readonly string[] | undefined;
  readonly variables: VariableChanges;
  /** The pack, if the script runs in a copy of it; undefined: it runs where it lies. */
  readonly copied?: CopiedDirectory | undefined;
}

export interface PackEnvironments {
  /** Makes sure that everything is there which the script needs; most often it is, and nothing is asked or written. */
  prepare(script: ScriptPlace, io: BuildIo): Promise<Result<Prepared, NotPrepared>>;
  /** Removes what nobody has used for long, and what is too much. Returns the places. */
  prune(limits?: KeepLimits): Promise<readonly string[]>;
}

export function openEnvironments(settings: PackEnvironmentSettings, ledger: PackEnvironmentLedger): PackEnvironments {
  const checksum = createChecksum();
  const usage = createUsageCounts(settings.clock);
  const ensure = createEnsure(settings, ledger);
  const planning: PlanSettings = { ...settings, volume: () => volumeIdOf(settings.root), checksum };
  /* Holds what is used until the end of the script. */
  const layerOf = async (
    planned: Result<BuildPlan | undefined, string>,
    { held, io }: { readonly held: DisposableStack; readonly io: BuildIo },
  ): Promise<Result<Layer | undefined, NotPrepared>> => {
    if (!planned.ok) return failed(planned.error);
    const plan = planned.value;
    if (!plan) return success(undefined);
    const directory = await ensure(plan, io);
    if (!directory.ok) return directory;
    held.use(usage.hold(directory.value));
    return success({ changes: plan.recipe.run, place: runPlace(plan, directory.value, plan.script.interpreter.path) });
  };
  const prepare: PackEnvironments['prepare'] = async (script, io) => {
    using held = new DisposableStack();
    const dependencies = await layerOf(await planDependencies(script, planning), { held, io });
    if (!dependencies.ok) return dependencies;
    const program = await layerOf(await planProgram(script, dependencies.value?.place.environment, planning), {
      held,
      io,
    });
    if (!program.ok) return program;
    const layers = [dependencies.value, program.value].flatMap((one) => one ?? []);
    const releases = held.move();
    return success({ ...combine(script, layers), [Symbol.dispose]: () => releases.dispose() });
  };
  return {
    prepare,
    prune: async (limits = settings.limits) => {
      const removed = await collectGarbage(settings.root, limits, { now: settings.clock.now(), isUsed: usage.isHeld });
      if (removed.length > 0) await ledger.forget(removed.map((one) => one.key));
      return removed.map((one) => one.place);
    },
  };
}

/** A read-only volume that was never written to needs no id: nothing can be built there. */
function volumeIdOf(root: string): string {
  try {
    return volumeId(root);
  } catch {
    return 'read-only';
  }
}

interface Layer {
  readonly changes: RunChanges;
  readonly place: RunPlace;
}

/** Combines what the dependencies, the program and the pack's runtime change, in this order. */
function combine(script: ScriptPlace, layers: readonly Layer[]): Omit<Prepared, typeof Symbol.dispose> {
  const { config } = script;
  const [first] = layers;
  let interpreter = script.interpreter.path;
  let command: readonly string[] | undefined;
  let variables: VariableChanges = {};
  for (const { changes, place } of layers) {
    interpreter = changes.interpreter?.({ ...place, interpreter }) ?? interpreter;
    command = changes.command?.({ ...place, interpreter }) ?? command;
    variables = { ...variables, ...changes.variables?.({ ...place, interpreter }) };
  }
  const values = {
    pack_dir: script.pack.directory,
    env_dir:
      config?.dependencies && first
        ? directoryOf(config.environment, first.place.environment)
        : (first?.place.environment ?? ''),
    interpreter,
    manifest_path: config?.dependencies ? join(script.pack.directory, config.dependencies.manifest_file) : '',
  };
  const args = config?.interpreter?.args;
  if (args && command === undefined) command = [interpreter, ...args.map((one) => fillIn(one, values)), script.file];
  const isInCopy = layers.some(({ changes }) => changes.isInCopy);
  const copies = (): readonly string[] => layers.map(({ place }) => realPath(join(place.environment, 'pack')));
  return {
    interpreter,
    command,
    variables: { ...variables, ...fillInVariables(config?.env_vars ?? {}, values) },
    copied: isInCopy ? { copies: copies(), original: script.pack.directory } : undefined,
  };
}
