import { printable } from '#cli/printable.ts';
import { paint } from '#cli/terminal.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import type { DetailedLogger, LogEvent, Logger } from '#domain/logger.ts';
import { createMasker } from '#execution/masking/masker.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'off'] as const;
type Level = Config['log']['level'];

/**
 * Logs each event on stderr: as a line of time, event and key=value pairs, or as a JSON object, which says the level too.
 * Secrets of the settings are masked. A reader that has gone does not stop the agent.
 */
export function openLogger(config: Config): DetailedLogger {
  const { format, level: least } = config.log;
  const masker = createMasker(secretValues(config));
  const dim = openDim();
  const logger =
    (level: Level): LogEvent =>
    (event, details) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
      const time = new Date().toISOString();
      const line =
        format === 'json'
          ? JSON.stringify({ time, level, event, ...details })
          : [dim(time), event, ...Object.entries(details).map((one) => describe(one, dim))].join(' ');
      const masked = masker.text(line);
      process.stderr.write(`${format === 'json' ? plainJson(masked) : masked}\n`);
    };
  return { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') };
}

/** What JSON leaves as it is, and steers a terminal. */
const steering = /[\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu;

/** Escapes the characters of a JSON text that would steer the terminal that shows it; the text means the same. */
function plainJson(json: string): string {
  return json.replace(steering, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What makes text on stderr dim, found out once: each event needs it several times. */
function openDim(): (text: string) => string {
  const [before = '', after = ''] = paint('dim', '\n', process.stderr).split('\n');
  return (text) => `${before}${text}${after}`;
}

function describe([key, value]: readonly [string, unknown], dim: (text: string) => string): string {
  const text = typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : (JSON.stringify(value) ?? '');
  return `${dim(`${key}=`)}${printable(text)}`;
}

/** Logs each loss and each return of the broker once. */
export function brokerStateLogger(logger: Logger): (problem: string | undefined) => void {
  let last: string | undefined = 'not connected yet';
  return (problem) => {
    if (problem !== last)
      problem === undefined ? logger.info('broker connected', {}) : logger.warn('broker unreachable', { why: problem });
    last = problem;
  };
}
