import type { DocumentedVerb } from '#cli/documented-verbs.ts';
import { EXIT, EXIT_MEANINGS } from '#cli/exit-codes.ts';
import { defaultOf, sayAlone, variableOf } from '#cli/help-text.ts';
import type { Parameter } from '#cli/parameter.ts';
import type { Verb } from '#cli/verb.ts';
import { allSettings, isNamed } from './docs-settings.ts';
import { allVerbs, headingOf, plain, table } from './docs-verbs.ts';

/** The text of docs/cli.md. */
export async function cliReference(): Promise<string> {
  const all = await allVerbs();
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  const codes = names.map((name) => [`${EXIT[name]}`, EXIT_MEANINGS[name]]);
  return `${[
    '<!-- Made by `make docs` from src/cli/commands and src/cli/verbs.ts: edit those files. -->',
    '# Command line',
    introduction,
    table(
      ['Call', 'What it does'],
      all.map((one) => [`[\`${callOf(one)}\`](#${headingOf(one).replaceAll(' ', '-')})`, one.summary]),
    ),
    '## Exit codes',
    'A verb that gives a code another meaning says so below.',
    table(['Code', 'Meaning'], codes),
    ...all.map((one) => (one.verb ? sectionOf(one, one.verb) : groupSectionOf(one))),
  ].join('\n\n')}\n`;
}

const introduction = `\`attune-agent [options] [verb]\`. Results go to stdout, everything else to stderr. \`attune-agent help VERB\` and
\`attune-agent VERB --help\` print what stands here, and \`attune-agent man\` or \`attune-agent man VERB\` prints it
as a manual page (\`attune-agent man | man -l -\`); releases have it as \`attune-agent.1\`. \`attune-agent --version\` prints
the version.

The environment variable of an option is read while the option is not given. Where an option overrides a setting, the
setting may also come from a file: see [Configuration](configuration.md).`;

function callOf({ name }: DocumentedVerb): string {
  return name === '' ? 'attune-agent' : `attune-agent ${name}`;
}

function sectionOf(documented: DocumentedVerb, verb: Verb): string {
  const args = Object.values(verb.arguments);
  const options = Object.values(verb.options);
  const usage = [callOf(documented), ...(options.length > 0 ? ['[options]'] : []), ...args.map(({ syntax }) => syntax)];
  return [
    `## ${headingOf(documented)}`,
    `${documented.summary}.`,
    ...(verb.details === undefined ? [] : [plain(verb.details)]),
    codeBlock([usage.join(' ')]),
    ...(args.length > 0 ? [table(['Argument', 'Meaning'], args.map(argumentRow))] : []),
    ...(options.length > 0 ? [table(['Option', 'Meaning', 'Environment', 'Default'], options.map(optionRow))] : []),
    ...examplesOf(documented),
    ...exitCodesOf(verb),
    ...settingsOf(verb),
  ].join('\n\n');
}

function groupSectionOf(group: DocumentedVerb): string {
  const alone = sayAlone(group.alone);
  return [
    `## ${headingOf(group)}`,
    [`${group.summary}.`, ...(alone === undefined ? [] : [alone])].join(' '),
    ...examplesOf(group),
  ].join('\n\n');
}

function examplesOf({ examples }: DocumentedVerb): readonly string[] {
  const lines = examples.flatMap(([line, purpose]) => [`# ${purpose}`, line]);
  return [examples.length > 1 ? 'Examples:' : 'Example:', codeBlock(lines)];
}

function codeBlock(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

function argumentRow({ syntax, sentence, choices = [] }: Parameter<unknown>): readonly string[] {
  return [`\`${syntax}\``, plain(choices.length > 0 ? `${sentence}: ${choices.join(', ')}` : sentence)];
}

function optionRow(option: Parameter<unknown>): readonly string[] {
  const variable = variableOf(option);
  const [, sentence = ''] = argumentRow(option);
  return [
    `\`${option.syntax}\``,
    sentence,
    variable === undefined ? '' : `\`${variable}\``,
    plain(defaultOf(option) ?? ''),
  ];
}

function exitCodesOf({ exitCodes = {} }: Verb): readonly string[] {
  const rows = Object.entries(exitCodes);
  return rows.length === 0 ? [] : [table(['Exit code', 'Meaning'], rows)];
}

function settingsOf({ settings = [] }: Verb): readonly string[] {
  if (settings.length === 0) return [];
  if (allSettings().every((one) => isNamed(one, settings))) return ['Settings: [all](configuration.md).'];
  const links = settings.map((name) => `[\`${name}\`](configuration.md#${name.replaceAll('.', '')})`);
  return [`Settings: ${links.join(', ')}.`];
}
