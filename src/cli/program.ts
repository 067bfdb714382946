import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ProcessEnv } from '#domain/runtime.ts';
import { candidates } from './completion.ts';
import { defaultOf, documentedVerbs } from './documented-verbs.ts';
import { EXIT } from './exit-codes.ts';
import { examplesOf, exitCodesOf, helpLayout, sayAlone, sentenceOf } from './help-text.ts';
import { asInvoked } from './invoked.ts';
import { manPage, wholeManPage } from './man-page.ts';
import type { Parameter } from './parameter.ts';
import { write } from './terminal.ts';
import { FLAW, hintOf, isStandIn, pathOf, sayUsage, sayWhereItBelongs, unknownVerb } from './usage-errors.ts';
import { type Invocation, sourcesOf, type Verb, type VerbList } from './verb.ts';
import { describeVersion } from './version.ts';
import { hideSecrets } from './wiring/hide-secrets.ts';

type Perform = (invocation: Invocation) => Promise<void>;

interface Surroundings {
  readonly perform: Perform;
  /** The environment in which completions look for logins. */
  readonly env: ProcessEnv;
}

/** The command line as commander parses it: `root` is the call without a verb. */
export function describeProgram(root: Verb, verbs: VerbList, { perform, env }: Surroundings): Command {
  const program = new Command('attune-agent')
    .description(
      'Makes any container an Attune worker: finds the interpreters that are there and runs actions with them.',
    )
    .version(describeVersion(), '-V, --version', 'Prints version, commit, processor and Bun version')
    .helpOption('-h, --help', 'Prints this help')
    .helpCommand(false) /* knows nothing of verbs that are loaded when called; replaced below */
    .configureHelp({
      ...helpLayout,
      optionDescription: (one) => one.description,
      argumentDescription: (one) => one.description,
    })
    .configureOutput({
      outputError: (text, put) => {
        const placed = sayWhereItBelongs(text, { words: Bun.argv.slice(2), verbs: Object.keys(verbs) });
        put(hideSecrets(sayUsage(placed)));
      },
    })
    .showHelpAfterError(hintOf('--help lists verbs and options'))
    .exitOverride();
  describeList(program, verbs, { perform, env });
  describeVerb(program, root, perform);
  program
    .command('help')
    .description('Prints the help of a verb')
    .argument('[verb...]', 'Verb')
    .action(async (words: readonly string[]) => {
      let group = program;
      for (const word of words) {
        const found = group.commands.find((one) => one.name() === word);
        if (!found) return group.error(unknownVerb(word, group));
        group = found;
      }
      await program.parseAsync([...words, '--help'], { from: 'user' });
    });
  program
    .command('man')
    .description('Prints the manual page of a verb, or one for all: attune-agent man | man -l -')
    .argument('[verb...]', 'Verb')
    .action(async (words: readonly string[], _: unknown, command: Command) => {
      const all = await documentedVerbs(root, verbs);
      const one = all.find(({ name }) => name === words.join(' '));
      if (!one) return command.error(unknownVerb(words.join(' '), program));
      await write(process.stdout, words.length === 0 ? wholeManPage(all) : manPage(one));
    });
  program
    .command('__complete', { hidden: true })
    .description('Prints what can follow the words, for the scripts of completions')
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      await write(process.stdout, `${(await candidates(root, verbs, { words, env })).join('\n')}\n`);
    });
  return program;
}

function describeList(parent: Command, verbs: VerbList, surroundings: Surroundings): void {
  parent.usage('[options] [verb]').commandsGroup('Verbs:');
  parent.enablePositionalOptions(); /* what follows a verb is the verb's */
  for (const [name, one] of Object.entries(verbs))
    describeListed(
      parent.command(name, { hidden: one.isHidden === true, isDefault: name === defaultOf(verbs) }),
      one,
      surroundings,
    );
  parent.hook('preSubcommand', async (_, command) => {
    const loaded = await verbs[command.name()]?.load?.();
    if (!loaded) return;
    const given = describeVerb(command, loaded.verb, surroundings.perform);
    const words = parent.args.slice(1);
    const isHelp = loaded.verb.help && words.some((word) => HELP.includes(word));
    if (isHelp) await helpWith(command, loaded.verb, { words, env: surroundings.env });
    given.clear(); /* they are read once more */
  });
}

const HELP = ['--help', '-h'];

/** Prints the help of what a call names instead of that of its verb, if the verb knows it, and ends the call. */
async function helpWith(
  command: Command,
  verb: Verb,
  { words, env }: { readonly words: readonly string[]; readonly env: ProcessEnv },
): Promise<void> {
  const { operands, unknown } = command.parseOptions([...words]);
  if (!unknown.some((word) => HELP.includes(word))) return; /* it was the value of an option */
  const names = Object.entries(verb.options).map(([name, one]) => [name, toOption(one).attributeName()] as const);
  const options = present(names.map(([name, attribute]) => [name, command.getOptionValue(attribute)]));
  const named = [...operands, ...unknown.filter((word) => !word.startsWith('-'))];
  const text = await verb.help?.(named, { env, sources: sourcesOf(verb, options, env) });
  if (text === undefined) return;
  if (text === false) throw new CommanderError(EXIT.usage, 'attune.nothingToDescribe', '');
  const hint = asInvoked(`attune-agent ${pathOf(command)} --help lists the options.`);
  await write(process.stdout, `${text}\n${hint}\n`);
  throw new CommanderError(0, 'commander.helpDisplayed', '');
}

function describeListed(
  command: Command,
  { summary, verbs, examples }: VerbList[string],
  surroundings: Surroundings,
): void {
  const alone = sayAlone(defaultOf(verbs ?? {}));
  command.summary(summary).helpCommand(false);
  command.description(alone === undefined ? summary : `${summary}\n\n${alone}`);
  command.showHelpAfterError(hintOf(`${pathOf(command)} --help shows what it takes`));
  if (verbs) describeList(command, verbs, surroundings);
  if (examples) command.addHelpText('after', asInvoked(examplesOf({ examples })));
}

/** Adds arguments, options and action of a verb. Returns the names of the options that were read. */
function describeVerb(command: Command, verb: Verb, perform: Perform): Set<string> {
  const argumentNames = Object.keys(verb.arguments);
  for (const one of Object.values(verb.arguments)) command.addArgument(toArgument(one));
  const options = Object.entries(verb.options).map(([name, one]) => [name, toOption(one)] as const);
  for (const [, one] of options) command.addOption(one);
  const given = refuseRepeated(command, verb);
  if (verb.details !== undefined) command.description(`${command.description()}\n\n${asInvoked(verb.details)}`);
  command
    .allowExcessArguments(command.commands.length > 0 || isStandIn(command)) /* a better message, below */
    .addHelpText('after', asInvoked(`${examplesOf(verb)}${exitCodesOf(verb)}`))
    .action(async () => {
      const [word] = command.args;
      if (command.commands.length > 0 && word !== undefined) return command.error(unknownVerb(word, command));
      if (isStandIn(command) && command.parent && word !== undefined)
        return command.parent.error(unknownVerb(word, command.parent));
      const given = command.opts();
      await perform({
        verb,
        args: present(argumentNames.map((name, i) => [name, command.processedArgs[i]])),
        options: present(options.map(([name, one]) => [name, given[one.attributeName()]])),
      });
    });
  return given;
}

/**
 * Refuses an option with a value that is given twice, of which the last would count and nobody would know. The call without
 * a verb takes the last one: an image may bring the first.
 */
function refuseRepeated(command: Command, { options }: Verb): Set<string> {
  const given = new Set<string>();
  for (const parameter of Object.values(options)) {
    const one = toOption(parameter);
    if (parameter.repeats || !one.required || command.parent === null) continue;
    command.on(`option:${one.name()}`, () => {
      if (given.has(one.name())) command.error(`error: ${one.long ?? one.flags}: it is given twice`);
      given.add(one.name());
    });
  }
  return given;
}

function toArgument(parameter: Parameter<unknown>): Argument {
  const argument = new Argument(parameter.syntax, sentenceOf(parameter));
  if (parameter.flawOf) argument.argParser(checking(parameter.flawOf));
  return parameter.choices ? argument.choices(parameter.choices) : argument;
}

function toOption(parameter: Parameter<unknown>): Option {
  const option = new Option(parameter.syntax, sentenceOf(parameter));
  if (parameter.choices) option.choices(parameter.choices);
  const { meant } = parameter;
  const choose = option.parseArg;
  if (meant && choose) option.argParser((value: string, before: string) => choose(meant(value), before));
  if (parameter.initial !== undefined) option.default(parameter.initial);
  if (parameter.conflicts) option.conflicts([...parameter.conflicts]);
  if (parameter.implies) option.implies(parameter.implies);
  const take = parameter.flawOf ? checking(parameter.flawOf) : (value: string) => value;
  if (parameter.repeats) option.argParser((value: string, before: readonly string[]) => [...before, take(value)]);
  else if (parameter.flawOf) option.argParser(take);
  return option;
}

/** Takes a value as it is, or refuses it in words that `sayChoice` finds again. */
function checking(flawOf: (text: string) => string | undefined): (value: string) => string {
  return (value) => {
    const flaw = flawOf(value);
    if (flaw === undefined) return value;
    throw new InvalidArgumentError(`${FLAW}${flaw}`);
  };
}

function present(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
