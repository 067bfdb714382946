/**
 * Prints how costs grow: each law of laws.ts at three sizes, with the exponent between the first and the last. With
 * --json, one object for each law. Takes minutes; `make scale` runs it.
 */
import { parseArgs } from 'node:util';
import { startPostgres } from '#test/support/postgres.ts';
import { openBed } from './database.ts';
import { type Law, laws } from './laws.ts';

interface Measured extends Pick<Law, 'what' | 'of' | 'unit' | 'sizes' | 'wanted'> {
  readonly values: readonly number[];
  /** 0: constant; 1: as the size. */
  readonly exponent: number;
}

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
await using server = await startPostgres();
if (!options.json) console.log(row(['what', 'of', 'sizes', 'measured', 'exponent', 'wanted']));
for (const law of laws) {
  const { what, of, unit, sizes, wanted, values, exponent } = await obey(law);
  if (options.json) console.log(JSON.stringify({ what, of, unit, sizes, values, exponent, wanted }));
  else
    console.log(
      row([what, of, sizes.join(' / '), `${values.map(short).join(' / ')} ${unit}`, short(exponent), wanted]),
    );
}

async function obey(law: Law): Promise<Measured> {
  await using bed = await openBed(server);
  const values: number[] = [];
  for (const size of law.sizes) values.push(await law.at(bed, size));
  const [first = 0] = values;
  const last = values.at(-1) ?? 0;
  const exponent = Math.log(Math.max(last, 0.01) / Math.max(first, 0.01)) / Math.log(law.sizes[2] / law.sizes[0]);
  return { ...law, values, exponent };
}

/** A line of a table in Markdown. */
function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function short(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(2);
}
