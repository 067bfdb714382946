import type { Command } from 'commander';
import { nearest } from '#domain/nearest.ts';
import { invokedName } from './invoked.ts';
import { printableLine } from './printable.ts';
import { paint } from './terminal.ts';

/** How the complaint about a value begins, after its name. */
export const FLAW = 'It ';

/** A complaint of commander's, as this program complains. */
export function sayUsage(text: string): string {
  const name = paint('red', 'attune-agent:', process.stderr);
  return text.startsWith('error: ') ? `${name} ${sayUnknown(sayChoice(text.slice('error: '.length)))}` : text;
}

/** What nobody expects, in other words than those of commander. */
function sayUnknown(text: string): string {
  const [, word, near] = /^unknown command '(.*)'(?:\n\(Did you mean (?:one of )?(.*)\?\))?/s.exec(text) ?? [];
  const [, count] = /^too many arguments.* Expected (\d+) argument/s.exec(text) ?? [];
  if (count !== undefined) return `too many arguments: it takes ${count === '0' ? 'none' : count}\n`;
  if (word === undefined) return text;
  return `unknown verb '${printableLine(word)}'${near === undefined ? '' : `, did you mean '${near.split(', ')[0]}'?`}\n`;
}

const CHOICES = [
  /^option '(?:-\w, )?(?<name>--[\w-]+).*?' argument '(?<given>.*)' is invalid\. (?:Allowed choices are (?<choices>.*)\.|It (?<flaw>.*?))\s*$/s,
  /^command-argument value '(?<given>.*)' is invalid for argument '(?<name>.*)'\. (?:Allowed choices are (?<choices>.*)\.|It (?<flaw>.*?))\s*$/s,
];

/** `--format: 'jsn' is none of text, json; did you mean json?`, `--limit: '0' is not a whole number from 1 to 500` */
function sayChoice(text: string): string {
  const { name, given = '', choices = '', flaw } = CHOICES.map((one) => one.exec(text)?.groups).find(Boolean) ?? {};
  if (name === undefined) return text;
  if (flaw !== undefined) return `${name}: '${printableLine(given)}' ${flaw}\n`;
  const near = nearest(given, choices.split(', '));
  return `${name}: '${given}' is none of ${choices}${near === undefined ? '' : `; did you mean ${near}?`}\n`;
}

/** The complaint about an option, with the verb behind which it may belong: options of a verb stand behind its name. */
export function sayWhereItBelongs(
  text: string,
  { words, verbs }: { readonly words: readonly string[]; readonly verbs: readonly string[] },
): string {
  const [, name] = /^error: unknown option '([^'\n]+)'/.exec(text) ?? [];
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  const before = words.slice(0, Math.max(0, at));
  const verb = words.slice(at + 1).find((word) => verbs.includes(word));
  if (at < 0 || verb === undefined || before.some((word) => verbs.includes(word))) return text;
  return `error: unknown option '${name}': options of ${verb} stand behind it\n`;
}

/** A line that says which help there is. */
export function hintOf(words: string): string {
  return `(${invokedName()} ${words})`;
}

/** The verb with the groups that it is in. */
export function pathOf(command: Command): string {
  const parent = command.parent;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}

/** Whether a verb is called because its group is, without the name of a verb. */
export function isStandIn(command: Command): boolean {
  const { parent } = command;
  return parent?.parent != null && parent.args[0] !== command.name();
}

/** Words that other programs have for the same. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['list', 'ls'],
  ['show', 'get', 'describe', 'info'],
  ['create', 'set', 'new', 'add', 'install'],
  ['delete', 'remove', 'revoke', 'rm'],
];

/** The complaint that a group has no such verb, with the one that is meant. */
export function unknownVerb(word: string, command: Command): string {
  const verbs = command
    .createHelp()
    .visibleCommands(command)
    .map((one) => one.name());
  if (verbs.includes(word)) return `error: '${word}' comes first: ${pathOf(command)} ${word}, then the options`;
  const meant = SYNONYMS.find((words) => words.includes(word))?.find((one) => verbs.includes(one));
  const near = meant ?? nearest(word, verbs);
  return `error: unknown verb '${word}'${near ? `, did you mean '${near}'?` : ''}`;
}
