import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { write } from '#cli/terminal.ts';
import { askHealth, type HealthReport } from '#cli/wiring/health-socket.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import type { ProcessEnv } from '#domain/runtime.ts';

export interface HealthOptions {
  readonly config?: string;
  readonly name?: string;
  /** Ready or not. */
  readonly alive?: true;
  readonly format: 'text' | 'json';
}

/** Exec probe: 0 when the running agent is ready, 1 with the reason when it is not or when none answers. */
export async function health(options: HealthOptions, env: ProcessEnv): Promise<number> {
  const config = await readConfig({ flags: { 'worker.name': options.name }, env, file: options.config });
  if (!config) return EXIT.configuration;
  const name = options.name ?? env['ATTUNE_WORKER_NAME'];
  const answers = await askHealth(env, config.work_dir, name);
  const [report] = answers;
  if (!report) {
    await complain(
      `no running agent answers${name === undefined ? '' : ` by the name ${name}`} (as this user, in this container)`,
    );
    return EXIT.failure;
  }
  if (answers.length > 1) {
    await complain(`several agents answer: choose one with --name (${answers.map((one) => one.name).join(', ')})`);
    return EXIT.usage;
  }
  await write(process.stdout, options.format === 'json' ? `${JSON.stringify(report)}\n` : describe(report));
  return report.ready || options.alive ? EXIT.success : EXIT.failure;
}

function describe(report: HealthReport): string {
  const load = `${report.running} of ${report.slots} slots in use${report.cordoned ? ', cordoned' : ''}`;
  const state = report.ready ? 'ready' : `not ready: ${[report.phase, ...report.problems].join('; ')}`;
  return `${report.name}: ${state}${report.slots === 0 ? '' : ` (${load})`}\n`;
}
