import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { answerFormatOption, configOption, nameOption } from '#cli/options.ts';
import { flag } from '#cli/parameter.ts';
import { defineVerb } from '#cli/verb.ts';
import { askHealth, type HealthReport } from '#cli/wiring/health-socket.ts';
import { readConfigHere } from '#cli/wiring/read-config.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';

export const verb = defineVerb({
  details: 'Meant as the exec probe of a container: it asks the agent over a Unix socket, and needs no network.',
  arguments: {},
  options: {
    name: nameOption('Name of the agent to ask, where several run as this user', 'the only one that runs'),
    alive: flag('--alive', 'Succeeds whenever the agent answers, ready or not: for a liveness probe'),
    config: configOption(),
    format: answerFormatOption(),
  },
  settings: ['worker.name', 'work_dir'],
  examples: [
    ['attune-agent health', 'Readiness probe'],
    ['attune-agent health --alive', 'Liveness probe'],
  ],
  exitCodes: {
    [EXIT.success]: 'the agent is ready; with --alive, it answers',
    [EXIT.failure]: 'the agent is not ready, for the reason that is shown, or no agent answers',
    [EXIT.usage]: 'several agents answer: choose one with --name',
  },
  action: async (_, { name: given, alive, format }, { env, sources }) => {
    const config = await readConfigHere(sources);
    if (!config) return EXIT.configuration;
    const name = given ?? env['ATTUNE_WORKER_NAME'];
    const answers = choose(await askHealth(env, config.work_dir, name), name, config.worker.name);
    const [report] = answers;
    if (!report) {
      const which = name === undefined ? '' : ` by the name ${name}`;
      await complain(`no running agent answers${which} (as this user, in this container)`);
      return EXIT.failure;
    }
    if (answers.length > 1) {
      await complain(`several agents answer: choose one with --name (${answers.map((one) => one.name).join(', ')})`);
      return EXIT.usage;
    }
    await writeAnswer(format, report, describe(report));
    return report.ready || alive ? EXIT.success : EXIT.failure;
  },
});

/** Without a name on the command line, the worker that the configuration names comes before all others. */
function choose(
  answers: readonly HealthReport[],
  name: string | undefined,
  configured: string,
): readonly HealthReport[] {
  const own = answers.filter((one) => one.name === configured);
  return name === undefined && own.length > 0 ? own : answers;
}

function describe(report: HealthReport): string {
  const load = `${report.running} of ${report.slots} slots in use`;
  const reasons = report.problems.map((why, index) => `${report.words[index] ?? ''}: ${why}`);
  const state = report.ready ? 'ready' : `not ready: ${[report.phase, ...reasons].join('; ')}`;
  return `${report.name}: ${state}${report.slots === 0 ? '' : ` (${load})`}\n`;
}
