import { flawsOf } from '#cli/complain.ts';
import { isTable, type ListFormat } from '#cli/options.ts';
import { table } from '#cli/table.ts';
import { widthOf, write } from '#cli/terminal.ts';
import type { PackList } from '#wire/packs.ts';

type Broken = NonNullable<PackList['broken']>;

/** Prints the packs and actions that could not be loaded, each with all that is wrong, as a table below another. */
export async function showBroken(format: ListFormat, broken: Broken = []): Promise<void> {
  if (!isTable(format) || broken.length === 0) return;
  const rows = broken.flatMap(({ ref, problem }) =>
    flawsOf(problem).map((flaw, index) => [index === 0 ? ref : '', flaw]),
  );
  const width = format === 'wide' ? undefined : widthOf(process.stdout);
  await write(process.stdout, `\n${table([['BROKEN', 'PROBLEM'], ...rows], width).join('\n')}\n`);
}
