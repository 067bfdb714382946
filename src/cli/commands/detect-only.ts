import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { AnswerFormat } from '#cli/options.ts';
import { tableRows } from '#cli/table.ts';
import { paint, widthOf, write } from '#cli/terminal.ts';
import { VERSION } from '#cli/version.ts';
import { detectVisibly } from '#cli/wiring/detect-visibly.ts';
import { stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { writeAnswer } from '#cli/wiring/write-answer.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { inspectHost } from '#execution/runtimes/host.ts';
import { chooseRuntimes } from '#execution/runtimes/override.ts';
import { type DetectionReport, detectionReport } from '#execution/runtimes/report.ts';

/** Detects the runtimes of this container and prints a report, which alone is on stdout. */
export async function detectOnly(format: AnswerFormat | 'env', env: ProcessEnv): Promise<number> {
  using stop = stopOnSignals();
  const detection = await detectVisibly(env, { stop: stop.cancel });
  const interrupted = stop.exitCode();
  if (interrupted !== undefined) return interrupted;
  const chosen = chooseRuntimes(env['ATTUNE_WORKER_RUNTIMES'], detection.interpreters);
  if (!chosen.ok) {
    await complain(chosen.error.message);
    return EXIT.configuration;
  }
  const report = { ...detectionReport(detection, inspectHost(env), VERSION), runtimes: [...chosen.value] };
  if (format === 'env') await write(process.stdout, namesFor(report));
  else await writeAnswer(format, report, renderText(report));
  if (detection.interpreters.length === 0)
    await write(process.stderr, 'No interpreter found: install one in this image, or add its directory to PATH.\n');
  return EXIT.success;
}

function namesFor({ runtimes }: DetectionReport): string {
  return `ATTUNE_WORKER_RUNTIMES=${runtimes.join(',')}\n`;
}

function renderText(report: DetectionReport): string {
  const rows = report.interpreters.map((one) => [one.name, one.version ?? '-', one.path, noteOn(one)]);
  const [header = [], ...lines] = tableRows([['RUNTIME', 'VERSION', 'PATH', 'NOTE'], ...rows], widthOf(process.stdout));
  const painted = lines.map((row, i) =>
    row.map((line) => (report.interpreters[i]?.is_available ? line : paint('yellow', line, process.stdout))),
  );
  const heading = header.map((line) => paint('bold', line, process.stdout));
  const found = rows.length > 0 ? [...heading, ...painted.flat(), ''] : [];
  return [...found, namesFor(report)].join('\n');
}

function noteOn(one: DetectionReport['interpreters'][number]): string {
  if (one.problem !== null) return `not usable: ${one.problem}`;
  const notes = [
    one.is_default ? 'default' : '',
    one.implementation ?? '',
    one.real_path === one.path ? '' : `→ ${one.real_path}`,
  ];
  return notes.filter((note) => note !== '').join(' ');
}
