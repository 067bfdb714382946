import { Help, type HelpConfiguration } from 'commander';
import { variablesOf } from '#config/short-names.ts';
import type { Parameter } from './parameter.ts';
import type { Verb } from './verb.ts';

/** Columns that the sentence beside an option has at least; else it stands below the option. */
const LEAST_BESIDE = 40;
const BELOW = '      ';

/** How the help is laid out. On a narrow terminal the sentences of options and verbs stand below their names. */
export const helpLayout: HelpConfiguration = {
  minWidthToWrap: 10,
  formatItem: (term, termWidth, ...[sentence, helper]) => {
    const width = helper.helpWidth ?? 80;
    if (sentence === '' || width - termWidth - 4 >= LEAST_BESIDE)
      return Help.prototype.formatItem.call(helper, term, termWidth, sentence, helper);
    return `  ${term}\n${helper.boxWrap(sentence, width - BELOW.length).replaceAll(/^/gm, BELOW)}`;
  },
};

/** The sentence of an argument or option, then its choices, its environment variable and its default. */
export function sentenceOf(parameter: Parameter<unknown>): string {
  const { sentence, choices = [] } = parameter;
  const variable = variableOf(parameter);
  const fallback = defaultOf(parameter);
  const facts = [
    ...(choices.length > 0 ? [choices.join(', ')] : []),
    ...(variable === undefined ? [] : [`environment: ${variable}`]),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ];
  return facts.length === 0 ? sentence : `${sentence} (${facts.join('; ')})`;
}

/** The environment variable that is read when the option is left out. */
export function variableOf({ setting, variable }: Parameter<unknown>): string | undefined {
  return setting === undefined ? variable : variablesOf(setting)[0];
}

/** Says in words what holds when a parameter is given nowhere. */
export function defaultOf({ fallback, initial }: Parameter<unknown>): string | undefined {
  return fallback ?? (typeof initial === 'string' ? initial : undefined);
}

/** What a group does where no verb follows: the work of one of its verbs. */
export function sayAlone(verb: string | undefined): string | undefined {
  return verb === undefined ? undefined : `Without a verb it does what ${verb} does.`;
}

/** The examples, each below what it does, as an ending of the help. */
export function examplesOf({ examples }: Pick<Verb, 'examples'>): string {
  if (examples.length === 0) return '';
  return `\nExamples:\n${examples.map(([line, purpose]) => `  # ${purpose}\n  ${line}`).join('\n')}`;
}

/** The exit codes that say more than the usual ones, as an ending of the help. */
export function exitCodesOf({ exitCodes = {} }: Verb): string {
  const rows = Object.entries(exitCodes);
  if (rows.length === 0) return '';
  return `\n\nExit codes:\n${rows.map(([code, meaning]) => `  ${code.padEnd(3)}  ${meaning}`).join('\n')}`;
}
