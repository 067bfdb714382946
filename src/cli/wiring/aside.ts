import { resolve } from 'node:path';
import { failure, type Result } from '#domain/result.ts';
import { limitWorks } from '#domain/turns.ts';
import { ASIDE_LIMITS, runAside } from '#execution/process/run-aside.ts';
import { type DataWork, dataWorkHere } from '#execution/script/data-work.ts';
import { isCheckedSoon } from '#packs/cost-of-check.ts';
import { type PackWork, packWorkHere } from '#packs/pack-work.ts';
import type { AsideInput, AsideOutput, AsideTask } from './aside-tasks.ts';

/** Up to so many bytes the work takes a few milliseconds, and is done at once. */
const SMALL_YAML = 4 * 1024;
const SMALL_JSON = 128 * 1024;
/** Some schemas double the work with each level; whoever wrote one must not keep others from theirs for long. */
const CHECK_LIMITS = { ...ASIDE_LIMITS, timeoutMs: 30_000 };
/** Processes at work at the same time; others wait. */
const MOST_AT_ONCE = 2;

/** Makes the works that are done in processes of their own where they are large, within limits of time and memory. */
export function createAsideWork(): DataWork & PackWork {
  const inTurn = limitWorks(MOST_AT_ONCE);
  const ask = async <Task extends AsideTask>(
    task: Task,
    input: AsideInput<Task>,
  ): Promise<Result<AsideOutput<Task>, string>> => {
    const limits = task === 'checkParameters' ? CHECK_LIMITS : ASIDE_LIMITS;
    const answer = await inTurn(() => runAside({ task, input }, limits));
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
      const loaded = await ask('loadPackAt', { directory: resolve(directory) });
      return loaded.ok ? loaded.value : failure(`it cannot be loaded: ${loaded.error}`);
    },
    loadPacks: async (directory) => {
      const loaded = await ask('loadPacks', { directory: resolve(directory) });
      if (loaded.ok) return loaded.value;
      return { packs: [], problems: [{ kind: 'invalid-pack', message: `${directory}: ${loaded.error}` }] };
    },
    checkParameters: async (given, schema) => {
      if (isCheckedSoon(given, schema)) return await packWorkHere.checkParameters(given, schema);
      const checked = await ask('checkParameters', { given, schema });
      return checked.ok ? checked.value : failure([`its parameters cannot be checked: ${checked.error}`]);
    },
  };
}
