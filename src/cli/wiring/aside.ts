import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Result } from '#domain/result.ts';
import { runAside } from '#execution/process/run-aside.ts';
import { type DataWork, dataWorkHere } from '#execution/script/data-work.ts';
import { type PackWork, packWorkHere } from '#packs/pack-work.ts';
import type { AsideInput, AsideOutput, AsideTask } from './aside-tasks.ts';

/** Up to so many bytes the work takes a few milliseconds, and is done at once. */
const SMALL_YAML = 4 * 1024;
const SMALL_JSON = 128 * 1024;
/** Matching a pattern takes longer than reading. */
const SMALL_PARAMETERS = 4 * 1024;
/** Processes at work at the same time; others wait. */
const MOST_AT_ONCE = 2;

/** Makes the works that are done in processes of their own where they are large, within limits of time and memory. */
export function createAsideWork(): DataWork & PackWork {
  const inTurn = limitTurns(MOST_AT_ONCE);
  const ask = async <Task extends AsideTask>(
    task: Task,
    input: AsideInput<Task>,
  ): Promise<Result<AsideOutput<Task>, string>> => {
    const answer = await inTurn(() => runAside({ task, input }));
    return answer as Result<AsideOutput<Task>, string>; /* this very program has answered */
  };
  return {
    readOutput: async (stdout, format) => {
      if (format === 'text' || stdout.length <= (format === 'yaml' ? SMALL_YAML : SMALL_JSON))
        return await dataWorkHere.readOutput(stdout, format);
      const read = await ask('readOutput', { stdout: Buffer.from(stdout).toString('base64'), format });
      return read.ok ? read.value : failure(`its output cannot be read: ${read.error}`);
    },
    writeParameters: async (values, format) => {
      if (format === 'json' || JSON.stringify(values).length <= SMALL_YAML)
        return await dataWorkHere.writeParameters(values, format);
      const written = await ask('writeParameters', { values, format });
      return written.ok ? written.value : failure(`its parameters cannot be given as ${format}: ${written.error}`);
    },
    loadPackAt: async (directory) => {
      if (bytesOfYaml(directory) <= SMALL_YAML) return await packWorkHere.loadPackAt(directory);
      const loaded = await ask('loadPackAt', { directory });
      return loaded.ok ? loaded.value : failure(`it cannot be loaded: ${loaded.error}`);
    },
    loadPacks: async (directory) => {
      const loaded = await ask('loadPacks', { directory });
      if (loaded.ok) return loaded.value;
      return { packs: [], problems: [{ kind: 'invalid-pack', message: `${directory}: ${loaded.error}` }] };
    },
    checkParameters: async (given, schema) => {
      if (JSON.stringify(given).length <= SMALL_PARAMETERS) return await packWorkHere.checkParameters(given, schema);
      const checked = await ask('checkParameters', { given, schema });
      return checked.ok ? checked.value : failure([`its parameters cannot be checked: ${checked.error}`]);
    },
  };
}

/** Makes a function that runs so many works at a time, and lets others wait for their turn. */
function limitTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/** The bytes of the YAML files that a pack is loaded from. */
function bytesOfYaml(directory: string): number {
  return ['.', 'actions', 'runtimes']
    .flatMap((below) => namesIn(join(directory, below)).map((name) => join(directory, below, name)))
    .filter((path) => /\.ya?ml$/.test(path))
    .reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
