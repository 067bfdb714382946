import { printable } from '#cli/printable.ts';
import { paint } from '#cli/terminal.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import type { DetailedLogger, Logger } from '#domain/logger.ts';
import { createMasker } from '#execution/masking/masker.ts';

/**
 * Logs each event on stderr: as a line of time, event and key=value pairs, or as a JSON object. A reader that has gone
 * does not stop the agent.
 */
export function openLogger(config: Config): DetailedLogger {
  const { format, level } = config.log;
  const masker = createMasker(secretValues(config));
  const info: Logger['info'] = (event, details) => {
    const time = new Date().toISOString();
    const line =
      format === 'json'
        ? JSON.stringify({ time, event, ...details })
        : [paint('dim', time, process.stderr), event, ...Object.entries(details).map(describe)].join(' ');
    process.stderr.write(`${masker.text(line)}\n`);
  };
  const isDetailed = level === 'debug' || level === 'trace';
  return { info, debug: (event, details) => (isDetailed ? info(event, details) : undefined) };
}

function describe([key, value]: readonly [string, unknown]): string {
  const text = typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : (JSON.stringify(value) ?? '');
  return `${paint('dim', `${key}=`, process.stderr)}${printable(text)}`;
}

/** Logs each loss and each return of the broker once. */
export function brokerStateLogger(logger: Logger): (problem: string | undefined) => void {
  let last: string | undefined = 'not connected yet';
  return (problem) => {
    if (problem !== last)
      logger.info(
        problem === undefined ? 'broker connected' : 'broker unreachable',
        problem === undefined ? {} : { why: problem },
      );
    last = problem;
  };
}
