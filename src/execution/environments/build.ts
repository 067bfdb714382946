import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { LogSink } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { withoutUserInfo } from '#execution/masking/user-info.ts';
import { giveTo } from '#execution/process/give-to.ts';
import { removeTree } from '#execution/process/remove-tree.ts';
import type { CommandReport, StopSignals } from '#execution/process/run-command.ts';
import type { BuildCaches } from './build-cache.ts';
import { runStep, temporaryOf } from './build-step.ts';
import { isPartOfPack } from './checksum.ts';
import { contentsOf } from './contents.ts';
import { describeFailure, logsOf } from './describe-failure.ts';
import { newDirectory, publish, removeUnfinished } from './layout.ts';
import type { BuildPlan } from './plan.ts';
import type { BuildPlace, ProgramRecipe, RunPlace } from './recipe.ts';
import { say, sayLogs } from './say.ts';
import { seal } from './seal.ts';

/** The rights and limits with which installers run, as executions do. */
export interface BuildSandbox {
  open(purpose: { readonly isInstaller: true }): Promise<BuildConfinement>;
}

interface BuildConfinement extends AsyncDisposable {
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  restrictions(writable: readonly string[]): readonly string[];
  end(): Promise<void>;
}

export interface BuildContext {
  readonly root: string;
  readonly env: ProcessEnv;
  readonly isOffline: boolean;
  readonly timeoutMs: number;
  /** The sandbox of installers; undefined: they may do what the agent may. */
  readonly sandbox?: BuildSandbox | undefined;
  readonly caches: BuildCaches;
  /** Gets what installers print. */
  readonly sink: LogSink;
  readonly signals: StopSignals;
}

/**
 * The failure of a build. `isFinal` means that the pack or this machine is to blame, so that trying again at once is
 * useless.
 */
export interface BuildFailure {
  readonly isFinal: boolean;
  readonly message: string;
  /** True if the volume had no room for the environment. */
  readonly isFull?: boolean;
}

const QUESTION_MS = 30_000;

/**
 * Builds an environment in a private directory and publishes it when it is complete. The caller must hold the right to
 * build it. Whatever goes wrong, nothing of an incomplete one is ever used.
 */
export async function build(plan: BuildPlan, context: BuildContext): Promise<Result<undefined, BuildFailure>> {
  mkdirSync(dirname(plan.place), { recursive: true });
  await removeUnfinished(plan.place);
  const directory = newDirectory(plan.place);
  try {
    const built = await fill(plan, directory, context);
    if (!built.ok) return built;
    const { script, recipe, identity } = plan;
    const isPublished = publish(plan.place, directory, {
      key: identity.key,
      recipe: recipe.name,
      pack: script.pack.ref,
      packVersion: script.pack.version,
      runtime: script.family.name,
      built: new Date().toISOString(),
      bytes: await sizeOf(directory),
      contents: await contentsOf(directory),
    });
    if (!isPublished) await removeTree(directory);
    return success(undefined);
  } catch (error) {
    return failure({ isFinal: true, message: explain(error, context.root), isFull: isFull(error) });
  } finally {
    if (!existsSync(join(directory, 'ready.json')))
      await removeTree(directory).catch(() => {}); /* the next build removes it */
  }
}

function explain(error: unknown, root: string): string {
  return isFull(error)
    ? `no space is left in ${root} (${codeOf(error)}): free some, or remove environments with attune-agent environments prune`
    : messageOf(error);
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
}

/** What installers say when there is no room. */
const NO_ROOM = /no space left on device|ENOSPC|disk quota exceeded/i;

/** Fills the directory, and takes it from whoever has filled it. */
async function fill(
  plan: BuildPlan,
  directory: string,
  context: BuildContext,
): Promise<Result<undefined, BuildFailure>> {
  await using confinement = await context.sandbox?.open({ isInstaller: true });
  const user = confinement?.user;
  const copy = join(directory, 'pack');
  await cp(plan.script.pack.directory, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => isPartOfPack(basename(source)),
  });
  mkdirSync(temporaryOf(directory));
  const { root, env } = context;
  const cache = await context.caches.open({ root, env, packRef: plan.script.pack.ref, directory, user });
  const place = placeOf(plan, { directory, cache: cache.path, isOffline: context.isOffline });
  const files = filesOf(plan, place);
  if (!files.ok) return files;
  for (const [name, text] of Object.entries(files.value)) writeFileSync(join(directory, name), text);
  if (user !== undefined) giveTo(user, directory);
  const restrictions = confinement?.restrictions([directory, place.cache]) ?? [];
  const ran = await runCommands(plan, place, { ...context, restrictions, isOtherUser: user !== undefined });
  await confinement?.end();
  await cache.keep();
  if (!ran.ok) return ran;
  /* From here on nobody but the agent changes anything in it. Its own mode is changed when it has tidied up. */
  const taken = user === undefined ? success(undefined) : await seal(directory, user.uid);
  if (!taken.ok) return failure({ isFinal: true, message: taken.error });
  if (lstatSync(copy, { throwIfNoEntry: false })?.isDirectory() !== true)
    return failure({ isFinal: true, message: `${plan.recipe.name} has replaced the copy of the pack` });
  if ('extensions' in plan.recipe) await tidy(plan.recipe, copy, plan.dependencies);
  await removeTree(temporaryOf(directory));
  const sealed = user === undefined ? await seal(directory, process.getuid?.() ?? 0) : taken;
  return sealed.ok ? sealed : failure({ isFinal: true, message: sealed.error });
}

interface CommandContext extends BuildContext {
  readonly restrictions: readonly string[];
  readonly isOtherUser: boolean;
}

async function runCommands(
  plan: BuildPlan,
  place: BuildPlace,
  context: CommandContext,
): Promise<Result<undefined, BuildFailure>> {
  const { recipe } = plan;
  for (const { args, fix } of recipe.questions ?? []) {
    const command = [place.interpreter, ...args];
    const asked = await runStep(plan, { command, place, timeoutMs: QUESTION_MS }, { ...context, sink: silent });
    if (asked.outcome.kind !== 'completed') return refuse(context, fix, asked);
  }
  const deadline = performance.now() + context.timeoutMs;
  for (const command of recipe.commands(place)) {
    await say(context.sink, withoutUserInfo(`$ ${command.join(' ').replaceAll(place.environment, 'ENV')}`));
    const ran = await runStep(plan, { command, place, timeoutMs: deadline - performance.now() }, context);
    if (ran.outcome.kind === 'completed') continue;
    const logs = await logsOf(plan, place);
    await sayLogs(context.sink, ran, logs);
    const why = describeFailure(plan, { ran, logs }, context.timeoutMs);
    return refuse(context, why.replaceAll(`${place.pack}/`, ''), ran);
  }
  return success(undefined);
}

/** Makes the files that a recipe needs; the error names the manifest that the recipe cannot use. */
function filesOf(
  { recipe, manifest, script }: BuildPlan,
  place: BuildPlace,
): Result<Readonly<Record<string, string>>, BuildFailure> {
  try {
    return success(recipe.files?.(place) ?? {});
  } catch (error) {
    return failure({ isFinal: true, message: `${manifest} of pack ${script.pack.ref}: ${messageOf(error)}` });
  }
}

const silent: LogSink = { write: () => {} };

function refuse({ signals }: BuildContext, message: string, ran: CommandReport): Result<never, BuildFailure> {
  const isFinal = !(signals.cancel.aborted || ran.outcome.kind === 'cancelled');
  const said = [ran.stdout, ran.stderr].map(({ tail }) => Buffer.from(tail).toString());
  return failure({ isFinal, message, isFull: said.some((one) => NO_ROOM.test(one)) });
}

/** Removes everything of the copied pack that the compiled program does not need. */
async function tidy(
  { links, keeps = [] }: ProgramRecipe,
  copy: string,
  dependencies: string | undefined,
): Promise<void> {
  if (links !== undefined && dependencies !== undefined) {
    await rm(join(copy, links), { recursive: true, force: true });
    symlinkSync(join(dependencies, 'pack', links), join(copy, links));
    return;
  }
  for (const name of await readdir(copy))
    if (!keeps.includes(name)) await rm(join(copy, name), { recursive: true, force: true });
}

interface PlaceOptions {
  readonly directory: string;
  readonly cache: string;
  readonly isOffline: boolean;
}

function placeOf(plan: BuildPlan, { directory, cache, isOffline }: PlaceOptions): BuildPlace {
  const { script, tool, text, dependencies, manifest } = plan;
  return {
    interpreter: script.interpreter.path,
    tool,
    environment: directory,
    pack: join(directory, 'pack'),
    text,
    manifest: join(directory, 'pack', manifest),
    cache,
    isOffline,
    dependencies,
    has: (path) => existsSync(join(script.pack.directory, path)),
  };
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

/** The place in which scripts run with what a plan has built. */
export function runPlace({ script }: BuildPlan, environment: string, interpreter: string): RunPlace {
  const below = script.file.slice(script.pack.directory.length + 1);
  return {
    interpreter,
    environment,
    file: script.file,
    copy: join(environment, 'pack', below),
  };
}
