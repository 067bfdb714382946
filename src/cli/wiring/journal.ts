import { paint } from '#cli/terminal.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import { createMasker } from '#execution/masking/masker.ts';

export type Report = (event: string, details: Readonly<Record<string, unknown>>) => void;

/** One line on stderr for each event: time, event, key=value …; or one JSON object. A reader that has gone is no reason to stop. */
export function openJournal(config: Config): Report {
  const { format } = config.log;
  const masker = createMasker(secretValues(config));
  return (event, details) => {
    const time = new Date().toISOString();
    const line =
      format === 'json'
        ? JSON.stringify({ time, event, ...details })
        : [paint('dim', time, process.stderr), event, ...Object.entries(details).map(describe)].join(' ');
    process.stderr.write(`${masker.text(line)}\n`);
  };
}

function describe([key, value]: readonly [string, unknown]): string {
  const text = typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
  return `${paint('dim', `${key}=`, process.stderr)}${text}`;
}

/** Tells each loss and each return of a broker, once. */
export function tellBroker(report: Report): (problem: string | undefined) => void {
  let last: string | undefined = 'not connected yet';
  return (problem) => {
    if (problem !== last)
      report(problem === undefined ? 'broker connected' : 'broker away', problem === undefined ? {} : { why: problem });
    last = problem;
  };
}
