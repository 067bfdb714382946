import reports from 'junit-report-builder';
import { stringify } from 'yaml';
import { printable } from '#cli/printable.ts';

/** One test case that has been run. */
export interface TestPoint {
  readonly action: string;
  readonly name: string;
  /** What differs from what the case expects; empty if it has passed. */
  readonly flaws: readonly string[];
  readonly log: string;
  readonly durationMs: number;
}

/** A report that is written while the cases run. Each method returns the text to write. */
export interface Report {
  begin(count: number): string;
  add(point: TestPoint): string;
  end(): string;
}

/** The most characters of a log in a report. */
const MOST_LOG = 2000;

/** A title in one line, in which nothing is a directive or an escape. */
function escapedForTap(text: string): string {
  return text.replace(/[\\#]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

/** Text without the characters that XML cannot hold in any way, such as the escapes of colours, shown as `\\x1b`. */
function allowedInXml(text: string): string {
  return printable(text.toWellFormed()).replace(/[\ufffe\uffff]/g, '\ufffd');
}

/** Writes TAP version 14. */
export function writeTap(pack: string): Report {
  let number = 0;
  return {
    begin: (count) => `TAP version 14\n# pack ${pack}\n1..${count}\n`,
    add: ({ action, name, flaws, log, durationMs }) => {
      number++;
      const title = `${number} - ${escapedForTap(`${action}: ${name}`)} # ${Math.round(durationMs)} ms\n`;
      if (flaws.length === 0) return `ok ${title}`;
      const details = stringify({ flaws, log: log.slice(-MOST_LOG) }).replaceAll(/^(?=.)/gm, '  ');
      return `not ok ${title}  ---\n${details}  ...\n`;
    },
    end: () => '',
  };
}

/** Writes the XML that JUnit has made common, whole at the end. */
export function writeJunit(pack: string): Report {
  const builder = reports.newBuilder();
  const suite = builder.testSuite().name(pack);
  return {
    begin: () => '',
    add: ({ action, name, flaws, log, durationMs }) => {
      const one = suite
        .testCase()
        .className(action)
        .name(allowedInXml(name))
        .time(Math.round(durationMs) / 1000);
      if (log !== '') one.standardOutput(allowedInXml(log.slice(-MOST_LOG)));
      if (flaws.length > 0) one.failure(allowedInXml(flaws.join('\n')));
      return '';
    },
    end: () => `${builder.build()}\n`,
  };
}
