import type { DocumentedVerb } from './documented-verbs.ts';
import { EXIT, EXIT_MEANINGS } from './exit-codes.ts';
import { sayAlone, sentenceOf } from './help-text.ts';
import type { Parameter } from './parameter.ts';
import { VERSION } from './version.ts';

/** The page of manual section 1 for one verb, in the language of man(7). */
export function manPage(documented: DocumentedVerb): string {
  const name = ['attune-agent', ...documented.name.split(' ').filter((word) => word !== '')].join('-');
  return page(name, documented.summary, sectionsOf(documented, 'SH'));
}

/** One page for all verbs: that of the call without a verb, with a part for each verb. */
export function wholeManPage([root, ...verbs]: readonly DocumentedVerb[]): string {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  const codes = names.flatMap((name) => tagged(String(EXIT[name]), EXIT_MEANINGS[name]));
  const own = root ? sectionsOf(root, 'SH').filter((line) => !line.startsWith('.SH "EXIT')) : [];
  return page('attune-agent', 'makes any container an Attune worker', [
    ...own,
    '.SH VERBS',
    ...verbs.flatMap(({ name, summary }) => tagged(`attune-agent ${name}`, summary)),
    '.SH "EXIT STATUS"',
    ...codes,
    ...verbs.flatMap((one) => [
      `.SH "ATTUNE\\-AGENT ${escaped(one.name.toUpperCase())}"`,
      escaped(`${one.summary}.`),
      ...sectionsOf(one, 'SS'),
    ]),
  ]);
}

function page(name: string, summary: string, sections: readonly string[]): string {
  return [
    '.\\" Made from src/cli/commands and src/cli/verbs.ts: edit those files.',
    `.TH "${escaped(name.toUpperCase())}" 1 "" "attune\\-agent ${escaped(VERSION)}" "Attune"`,
    '.SH NAME',
    `${escaped(name)} \\- ${escaped(summary)}`,
    ...sections,
    '',
  ].join('\n');
}

/** The sections of a verb: each begins with this macro, `SH` or `SS`. */
function sectionsOf({ name, verb, examples, alone }: DocumentedVerb, macro: 'SH' | 'SS'): readonly string[] {
  const call = ['attune-agent', ...(name === '' ? [] : [name])].join(' ');
  const args = Object.values(verb?.arguments ?? {});
  const options = Object.values(verb?.options ?? {});
  const details = verb ? verb.details : sayAlone(alone);
  const usage = [call, ...(options.length > 0 ? ['[options]'] : []), ...args.map(({ syntax }) => syntax)].join(' ');
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`.${macro} "${title}"`, ...lines];
  return [
    ...section('SYNOPSIS', [escaped(verb ? usage : `${call} [VERB]`)]),
    ...section('DESCRIPTION', details?.split('\n\n').flatMap((paragraph) => ['.PP', escaped(paragraph)]) ?? []),
    ...section('ARGUMENTS', args.flatMap(parameterLines)),
    ...section('OPTIONS', options.flatMap(parameterLines)),
    ...section('EXAMPLES', examples.flatMap(exampleLines)),
    ...section(
      'EXIT STATUS',
      Object.entries(verb?.exitCodes ?? {}).flatMap(([code, meaning]) => tagged(code, meaning)),
    ),
  ];
}

function parameterLines(parameter: Parameter<unknown>): readonly string[] {
  return tagged(parameter.syntax, sentenceOf(parameter));
}

function exampleLines([line, purpose]: readonly [string, string]): readonly string[] {
  return ['.PP', escaped(`${purpose}:`), '.PP', '.RS 4', '.nf', escaped(line), '.fi', '.RE'];
}

function tagged(tag: string, text: string): readonly string[] {
  return ['.TP', `.B "${escaped(tag).replaceAll('"', '""')}"`, escaped(text)];
}

/** Text in which roff sees no requests, no escapes, and hyphens that can be copied into a shell. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}
