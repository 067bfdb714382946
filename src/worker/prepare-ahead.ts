import type { Action } from '#domain/action.ts';
import type { Interpreter } from '#domain/runtime.ts';
import type { BuildIo } from '#execution/environments/ensure.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import { chooseRuntime } from './choose-runtime.ts';

interface AheadDependencies {
  readonly environments: PackEnvironments;
  readonly interpreters: readonly Interpreter[];
}

export interface Readiness {
  readonly action: string;
  /** Why the action is not ready; undefined if all that it needs is there. */
  readonly problem: string | undefined;
}

/** Builds the environments that actions need; actions that this machine cannot run are passed over. */
export async function prepareAhead(
  actions: readonly Action[],
  deps: AheadDependencies,
  io: BuildIo,
): Promise<readonly Readiness[]> {
  const done: (Readiness | undefined)[] = [];
  for (const action of actions) if (!io.signals.cancel.aborted) done.push(await prepareAction(action, deps, io));
  return done.flatMap((one) => one ?? []);
}

async function prepareAction(
  action: Action,
  { environments, interpreters }: AheadDependencies,
  io: BuildIo,
): Promise<Readiness | undefined> {
  const { runtime, runtimeVersion: constraint, pack, entryPoint: file } = action;
  const requested = { name: runtime.name, constraint, config: runtime.config };
  const choice = chooseRuntime({ file, cwd: pack.directory }, requested, interpreters);
  if (!choice.ok) return undefined;
  const prepared = await environments.prepare({ ...choice.value, pack, file }, io);
  if (!prepared.ok)
    return { action: action.ref, problem: prepared.error.kind === 'failed' ? prepared.error.message : 'cancelled' };
  prepared.value[Symbol.dispose]();
  return { action: action.ref, problem: undefined };
}
