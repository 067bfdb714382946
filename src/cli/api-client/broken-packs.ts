import { flawsOf } from '#cli/complain.ts';
import type { ListFormat } from '#cli/options.ts';
import { table } from '#cli/table.ts';
import { widthOf } from '#cli/terminal.ts';
import type { PackList } from '#wire/packs.ts';

type Broken = NonNullable<PackList['broken']>;

/** The packs and actions that could not be loaded, each with all that is wrong, as a table below another. */
export function tableOfBroken(format: ListFormat, broken: Broken = []): readonly string[] {
  if (broken.length === 0) return [];
  const rows = broken.flatMap(({ ref, problem }) =>
    flawsOf(problem).map((flaw, index) => [index === 0 ? ref : '', flaw]),
  );
  const width = format === 'wide' ? undefined : widthOf(process.stdout);
  return [`${table([['BROKEN', 'PROBLEM'], ...rows], width).join('\n')}\n`];
}
