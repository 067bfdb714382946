/** The matrix of faults as a table in Markdown. */
import { type Cell, complaints, STANDSTILL_S } from './judge.ts';
import { KINDS } from './subjects.ts';
import type { Row } from './try-fault.ts';

export interface Matrix {
  readonly cores: number;
  /** The processes that wanted to run, on average. */
  readonly load: number;
  readonly postgres: string;
  readonly rabbitmq: string;
  readonly heartbeatS: number;
  readonly lastsS: number;
  readonly rows: Readonly<Record<string, Row>>;
}

const BEGIN = '<!-- made by make faults -->';
const END = '<!-- end of what make faults has made -->';

export function describeCell(cell: Cell | undefined): string {
  if (!cell) return '–';
  const work = cell.standstillS <= STANDSTILL_S ? 'goes on' : `${cell.againS ?? '?'} s`;
  const said = cell.said.map(({ word, afterS }) => `\`${word}\` ${afterS} s`).join(', ');
  const wrong = complaints(cell).map((one) => `**${one}**`);
  return [`${work}; ${said || 'ready'}`, ...wrong].join('; ');
}

export function tableOf({ rows }: Matrix): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['fault', ...KINDS]),
    `|---|${KINDS.map(() => '---|').join('')}`,
    ...Object.entries(rows).map(([name, row]) => line([name, ...KINDS.map((kind) => describeCell(row[kind]))])),
  ].join('\n');
}

/** A document with the matrix in the place of the one that it had. */
export function withMatrix(document: string, matrix: Matrix): string {
  const [before, after] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`the document has no place for the matrix: ${BEGIN}, ${END}`);
  const { cores, load, postgres, rabbitmq, heartbeatS, lastsS } = matrix;
  const facts = `Measured on ${cores} cores with a load of ${load}, PostgreSQL ${postgres}, RabbitMQ ${rabbitmq} and a heartbeat of ${heartbeatS} s; each fault lasts ${lastsS} s or longer.`;
  return `${document.slice(0, before)}${BEGIN}\n\n${tableOf(matrix)}\n\n${facts}\n\n${document.slice(after)}`;
}
