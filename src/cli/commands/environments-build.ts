import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { environmentOptions, localEnvironmentSettings, packsOption } from '#cli/options.ts';
import { offering, rest } from '#cli/parameter.ts';
import { paint, write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { detectVisibly } from '#cli/wiring/detect-visibly.ts';
import { openLocalEnvironments } from '#cli/wiring/local-environments.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { Action } from '#domain/action.ts';
import { families } from '#domain/families.ts';
import type { RuntimeFamily } from '#domain/runtime.ts';
import { loadPacks } from '#packs/load-action.ts';
import { prepareAhead, type Readiness } from '#worker/prepare-ahead.ts';

export const verb = defineVerb({
  details:
    'Use it to fill an image, or a volume that workers mount read-only. It installs and compiles what the packs need with the runtimes of this machine; what installers print goes to stderr.',
  arguments: { packs: offering('pack-names-here', rest('packs', 'Names of the packs; without names, all packs')) },
  options: { packs: packsOption(), ...environmentOptions() },
  settings: ['environments.offline', 'environments.install_timeout', 'packs_base_dir', ...localEnvironmentSettings],
  examples: [
    [
      'attune-agent environments build sample --packs packs --directory /tmp/environments',
      'Builds what the pack sample needs',
    ],
  ],
  exitCodes: {
    [EXIT.success]: 'every action can run',
    [EXIT.failure]: 'nothing can be built, or some action has a problem, which is shown',
    [EXIT.interrupted]: 'interrupted by Ctrl-C',
  },
  action: async ({ packs: names = [] }, { format }, { sources }) => {
    const opened = await openLocalEnvironments(sources);
    if (typeof opened === 'number') return opened;
    using stop = stopOnSignals();
    const { packs_base_dir: directory } = opened.config;
    const loaded = loadPacks(directory);
    for (const { message } of loaded.problems) await complain(message);
    const wanted = loaded.packs.filter(({ pack }) => names.length === 0 || names.includes(pack.ref));
    const actions = wanted.flatMap((one) => one.actions);
    const { interpreters } = await detectVisibly(sources.env, { families: familiesOf(actions), stop: stop.cancel });
    const usable = interpreters.filter((one) => one.problem === undefined);
    const io = { sink: { write: (_: string, bytes: Uint8Array) => write(process.stderr, bytes) }, signals: stop };
    const done = await prepareAhead(actions, { ...opened, interpreters: usable }, io);
    if (done.length === 0) {
      const which = names.length === 0 ? '' : ` of ${names.join(', ')}`;
      await complain(`nothing${which} in ${directory} can run here: choose another directory with --packs`);
      return EXIT.failure;
    }
    await writeAnswer(format, { actions: done }, done.map(lineOf).join('\n'));
    return stop.exitCode() ?? (done.some((one) => one.problem !== undefined) ? EXIT.failure : EXIT.success);
  },
});

/** The runtime families of the actions: no other interpreter has to be asked for its version. */
function familiesOf(actions: readonly Action[]): readonly RuntimeFamily[] {
  const names = actions.map((one) => one.runtime.name);
  return families.filter((one) => names.includes(one.name));
}

function lineOf({ action, problem }: Readiness): string {
  return problem === undefined
    ? `${paint('green', '✔', process.stdout)} ${action}`
    : `${paint('red', '✘', process.stdout)} ${action}: ${problem}`;
}
