import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { LogSink } from '#domain/execution.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { hideUserInfo, withoutUserInfo } from '#execution/masking/user-info.ts';
import { GRACE_MS } from '#execution/process/end-group.ts';
import { type CommandReport, runCommand, type StopSignals } from '#execution/process/run-command.ts';
import { isPartOfPack } from './checksum.ts';
import { describeFailure, logsOf } from './describe-failure.ts';
import { installerEnvironment } from './installer-environment.ts';
import { newDirectory, publish, removeTree, removeUnfinished } from './layout.ts';
import type { BuildPlan } from './plan.ts';
import type { BuildPlace, ProgramRecipe, RunPlace } from './recipe.ts';

export interface BuildContext {
  readonly root: string;
  readonly env: ProcessEnv;
  readonly isOffline: boolean;
  readonly timeoutMs: number;
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
}

/** The bytes of each command's output that go to the log. */
const LOG_LIMIT_BYTES = 1024 * 1024;
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
    });
    if (!isPublished) await removeTree(directory);
    return success(undefined);
  } catch (error) {
    return failure({ isFinal: true, message: explain(error, context.root) });
  } finally {
    if (!existsSync(join(directory, 'ready.json')))
      await removeTree(directory).catch(() => {}); /* the next build removes it */
  }
}

function explain(error: unknown, root: string): string {
  const code = codeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? `no space is left in ${root} (${code}): free some, or remove environments with attune-agent environments prune`
    : messageOf(error);
}

async function fill(
  plan: BuildPlan,
  directory: string,
  context: BuildContext,
): Promise<Result<undefined, BuildFailure>> {
  const { script, recipe, dependencies } = plan;
  const copy = join(directory, 'pack');
  await cp(script.pack.directory, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => isPartOfPack(basename(source)),
  });
  const place = placeOf(plan, directory, context);
  const files = filesOf(plan, place);
  if (!files.ok) return files;
  for (const [name, text] of Object.entries(files.value)) writeFileSync(join(directory, name), text);
  for (const { args, fix } of recipe.questions ?? []) {
    const asked = await run(
      plan,
      { command: [place.interpreter, ...args], place, timeoutMs: QUESTION_MS },
      { ...context, sink: silent },
    );
    if (asked.outcome.kind !== 'completed') return refuse(context, fix, asked);
  }
  const deadline = performance.now() + context.timeoutMs;
  for (const command of recipe.commands(place)) {
    await say(context.sink, withoutUserInfo(`$ ${command.join(' ').replaceAll(directory, 'ENV')}`));
    const ran = await run(plan, { command, place, timeoutMs: deadline - performance.now() }, context);
    if (ran.outcome.kind !== 'completed')
      return refuse(
        context,
        describeFailure(plan, { ran, logs: logsOf(plan, place) }, context.timeoutMs).replaceAll(`${copy}/`, ''),
        ran,
      );
  }
  if ('extensions' in recipe) await tidy(recipe, copy, dependencies);
  await rm(join(directory, 'tmp'), { recursive: true, force: true });
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

/** Writes a line of the agent's own into the log of a build. */
export async function say(sink: LogSink, line: string): Promise<void> {
  await sink.write('stderr', Buffer.from(`[attune] ${line}\n`));
}

function refuse({ signals }: BuildContext, message: string, { outcome }: CommandReport): Result<never, BuildFailure> {
  return failure({ isFinal: !(signals.cancel.aborted || outcome.kind === 'cancelled'), message });
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

function placeOf(plan: BuildPlan, directory: string, { root, isOffline }: BuildContext): BuildPlace {
  const { script, tool, text, dependencies, manifest } = plan;
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
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

interface Step {
  readonly command: readonly string[];
  readonly place: BuildPlace;
  readonly timeoutMs: number;
}

async function run(
  plan: BuildPlan,
  { command, place, timeoutMs }: Step,
  context: BuildContext,
): Promise<CommandReport> {
  const { script, recipe } = plan;
  const temporary = join(place.environment, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const shown = hideUserInfo((bytes) => context.sink.write('stderr', bytes));
  const report = await runCommand(
    {
      command,
      cwd: place.pack,
      env: {
        ...installerEnvironment(context.env, script, { cache: place.cache, temporary }),
        ...recipe.variables?.(place),
      },
      input: new Uint8Array(),
      timeoutMs: Math.max(timeoutMs, 1),
      graceMs: GRACE_MS,
      logLimitBytes: { stdout: LOG_LIMIT_BYTES, stderr: LOG_LIMIT_BYTES },
    },
    { write: (_, bytes) => shown.write(bytes) },
    context.signals,
  );
  await shown.close();
  return report;
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
