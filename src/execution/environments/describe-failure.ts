import { relative } from 'node:path';
import type { OpenDirectory } from '#domain/open-directory.ts';
import { withoutUserInfo } from '#execution/masking/user-info.ts';
import type { Capture } from '#execution/process/capture.ts';
import { openDirectory } from '#execution/process/open-directory.ts';
import type { CommandReport } from '#execution/process/run-command.ts';
import { reasonOf } from './install-reasons.ts';
import type { BuildPlan } from './plan.ts';
import type { BuildPlace } from './recipe.ts';

/** Describes why a command of a build has failed. `logs` is what the installer has written besides what it said. */
export function describeFailure(
  { recipe, manifest, script }: BuildPlan,
  { ran: { outcome, stdout, stderr }, logs }: { readonly ran: CommandReport; readonly logs: readonly string[] },
  timeoutMs: number,
): string {
  const what = `${recipe.name} failed for ${manifest} of pack ${script.pack.ref}`;
  switch (outcome.kind) {
    case 'timed-out':
      return `${what}: it took longer than ${timeoutMs / 1000} s (environments.install_timeout)`;
    case 'not-started':
      return `${what}: ${outcome.reason}`;
    case 'cancelled':
      return 'cancelled';
    case 'killed':
      return `${what}: killed by ${outcome.signal}`;
    case 'completed':
    case 'failed':
      return `${what}: ${reasonOf(recipe.name, withoutUserInfo([tail(stdout), tail(stderr), ...logs].join('\n')))}`;
  }
}

const TAIL_BYTES = 16_384;

function tail(capture: Capture): string {
  return new TextDecoder().decode(capture.tail.subarray(-TAIL_BYTES));
}

/**
 * The ends of what the installer has written into files of its own in the environment, besides what it said. It may be
 * another user than the agent: no link is followed.
 */
export async function logsOf({ recipe }: BuildPlan, place: BuildPlace): Promise<readonly string[]> {
  using environment = openDirectory(place.environment);
  const texts: string[] = [];
  for (const path of recipe.logs?.(place) ?? [])
    texts.push(...(await endsOf(environment, relative(place.environment, path).split('/'))));
  return texts;
}

/** The ends of the files at a path below a directory, of those that can be read. The name `*` stands for the last directory. */
async function endsOf(directory: OpenDirectory, [name = '', ...rest]: readonly string[]): Promise<readonly string[]> {
  const ends: string[] = [];
  const names =
    name === '*'
      ? directory
          .list()
          .slice(-1)
          .map((one) => one.name)
      : [name];
  for (const one of names)
    try {
      if (rest.length === 0) ends.push(await endOf(directory, one));
      else {
        using inner = directory.openDirectory(one);
        ends.push(...(await endsOf(inner, rest)));
      }
    } catch {} /* it is not there, or no file, or a link */
  return ends;
}

async function endOf(directory: OpenDirectory, name: string): Promise<string> {
  using file = directory.openFile(name);
  const from = Math.max(0, file.bytes - TAIL_BYTES);
  return await new Response(file.read({ from, to: file.bytes })).text();
}
