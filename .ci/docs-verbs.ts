import { verb as root } from '#cli/commands/root.ts';
import { type DocumentedVerb, documentedVerbs } from '#cli/documented-verbs.ts';
import { verbs } from '#cli/verbs.ts';

/** All verbs that the documentation shows. */
export async function allVerbs(): Promise<readonly DocumentedVerb[]> {
  return await documentedVerbs(root, verbs);
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
