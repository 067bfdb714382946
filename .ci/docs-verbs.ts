import { verb as root } from '#cli/commands/root.ts';
import type { Verb, VerbGroup, VerbList } from '#cli/verb.ts';
import { verbs } from '#cli/verbs.ts';

/** A verb or a group of verbs that the documentation shows. */
export interface DocumentedVerb {
  /** As it is called, without the name of the program; empty for the call without a verb. */
  readonly name: string;
  readonly summary: string;
  /** Undefined: a group. */
  readonly verb: Verb | undefined;
  readonly examples: VerbGroup['examples'];
}

/** The call without a verb, then all verbs in the order of the help, each group before its verbs. */
export async function documentedVerbs(): Promise<readonly DocumentedVerb[]> {
  const own = {
    name: '',
    summary: 'Runs a worker, or all of Attune with `--standalone`',
    verb: root,
    examples: root.examples,
  };
  return [own, ...(await visibleVerbs(verbs, ''))];
}

async function visibleVerbs(list: VerbList, prefix: string): Promise<readonly DocumentedVerb[]> {
  const visible = Object.entries(list).filter(([, { isHidden }]) => !isHidden);
  const found = visible.map(async ([word, { summary, load, verbs: inner = {}, examples }]) => {
    const name = `${prefix}${word}`;
    const verb = (await load?.())?.verb;
    const own = { name, summary, verb, examples: verb?.examples ?? examples ?? [] };
    return [own, ...(await visibleVerbs(inner, `${name} `))];
  });
  return (await Promise.all(found)).flat();
}

/** The heading of a verb, and the fragment of a link to it. */
export function headingOf({ name }: DocumentedVerb): string {
  return name === '' ? 'attune-agent' : name;
}

/** A table of Markdown. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), `|${' --- |'.repeat(heading.length)}`, ...rows.map(line)].join('\n');
}

/** Text in which Markdown sees no tags. */
export function plain(text: string): string {
  return text.replaceAll('<', '\\<');
}
