import { basename, dirname, resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { configOption, executionParameters } from '#cli/options.ts';
import { offering, option, required, type Values } from '#cli/parameter.ts';
import { paint, showTime, write } from '#cli/terminal.ts';
import { type Call, defineVerb } from '#cli/verb.ts';
import { type Stop, stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { validatePack } from '#cli/wiring/validate-pack.ts';
import { describeNoPack } from '#packs/check-pack.ts';
import { stampOfFiles } from '#packs/pack-stamp.ts';
import { testPack } from './packs-test.ts';
import { run } from './run.ts';

const options = {
  action: offering(
    'action-names-here',
    option('--action <name>', 'Action to run, without the name of the pack', {
      fallback: 'the test cases are run',
    }),
  ),
  ...executionParameters(),
  config: configOption(),
};

export const verb = defineVerb({
  details:
    'It looks for changed files twice a second. Each time the pack is checked as by packs validate; when nothing is wrong, an action is run, or the test cases are, and the log is shown. Nothing of a server is needed. Ctrl-C ends it.',
  arguments: { directory: offering('packs-here', required('directory', 'Directory with a pack.yaml')) },
  options,
  settings: ['worker.task_timeout', 'limits', 'environments', 'runtime_envs_dir', 'work_dir'],
  examples: [
    ['attune-agent packs dev packs/sample', 'Runs the test cases of the pack again after every change'],
    [
      "attune-agent packs dev packs/sample --action stats -p 'values=[3,1,4]'",
      'Runs an action of the pack again after every change',
    ],
  ],
  exitCodes: { [EXIT.interrupted]: 'ended by Ctrl-C' },
  action: async ({ directory }, given, call) => {
    const noPack = describeNoPack(directory);
    if (noPack !== undefined) {
      await complain(noPack);
      return EXIT.failure;
    }
    if (given.action === undefined && (given.params !== undefined || given.param.length > 0)) {
      await complain('parameters are for an action: name it with --action; the test cases have their own');
      return EXIT.usage;
    }
    using stop = stopOnSignals();
    return await develop(resolve(directory), given, { call, stop });
  },
});

interface Session {
  readonly call: Call;
  readonly stop: Stop;
}

const LOOK_MS = 500;

async function develop(directory: string, given: Values<typeof options>, { call, stop }: Session): Promise<number> {
  for (;;) {
    const stamp = await stampOf(directory);
    await write(
      process.stderr,
      `${paint('dim', `── ${basename(directory)} at ${showTime(new Date().toISOString())}`, process.stderr)}\n`,
    );
    const { loaded, flaws } = validatePack(directory, call.env);
    if (flaws.length > 0) await complain(...flaws);
    else if (loaded) await tryOut(directory, given, call);
    while (stop.exitCode() === undefined && (await stampOf(directory)) === stamp) await Bun.sleep(LOOK_MS);
    const code = stop.exitCode();
    if (code !== undefined) return code;
  }
}

async function tryOut(directory: string, { action, ...given }: Values<typeof options>, call: Call): Promise<number> {
  if (action === undefined) return await testPack(directory, 'tap', call);
  const flags = { ...call.sources.flags, packs_base_dir: dirname(directory) };
  const sources = { ...call.sources, flags };
  return await run(`${basename(directory)}.${action}`, { ...given, format: 'text' }, { ...call, sources });
}

/** A text that differs after a change; a file may go while it is looked at. */
async function stampOf(directory: string): Promise<string> {
  try {
    return await stampOfFiles(directory);
  } catch {
    return 'changing';
  }
}
