import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { asInvoked, shellWord } from '#cli/invoked.ts';
import { configOption, packsOption } from '#cli/options.ts';
import { alsoNamed, choice, required } from '#cli/parameter.ts';
import { table } from '#cli/table.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { readConfig } from '#cli/wiring/read-config.ts';
import { fileProblemOf } from '#domain/errors.ts';
import { findFamily } from '#domain/families.ts';
import { filesOfNewPack, TEMPLATE_RUNTIMES } from '#packs/new-pack.ts';
import { packName } from '#packs/pack-schemas.ts';

export const verb = defineVerb({
  details: 'The pack has one action with parameters, its test cases and a README. Nothing that is there is replaced.',
  arguments: { name: required('name', 'Name of the pack: letters, digits, _ and - only') },
  options: {
    runtime: alsoNamed(
      (text) => findFamily(text)?.name ?? text,
      choice('--runtime <name>', TEMPLATE_RUNTIMES, 'Runtime of its action'),
    ),
    packs: packsOption(),
    config: configOption(),
  },
  settings: ['packs_base_dir'],
  examples: [['attune-agent packs new mail --runtime python', 'Makes packs/mail with the action mail.hello']],
  action: async ({ name }, { runtime }, { sources }) => {
    const config = await readConfig(sources);
    if (!config) return EXIT.configuration;
    if (!packName.safeParse(name).success) {
      await complain(`'${name}' is no name of a pack: letters, digits, _ and - only`);
      return EXIT.usage;
    }
    const directory = resolve(config.packs_base_dir, name);
    if (existsSync(directory)) {
      await complain(`${directory} is there already: nothing was written`);
      return EXIT.failure;
    }
    const calls = callsOf(name, directory, config.packs_base_dir);
    const inReadme = table(calls.map(({ line, does }) => [line, `# ${does}`]));
    try {
      for (const { path, text, isProgram } of filesOfNewPack(name, runtime, inReadme)) {
        const file = join(directory, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
        if (isProgram) chmodSync(file, 0o755);
        await write(process.stdout, `${relative(process.cwd(), file)}\n`);
      }
    } catch (error) {
      await complain(`the pack cannot be written: ${fileProblemOf(error)}`);
      return EXIT.failure;
    }
    await write(process.stderr, `\n${table(calls.map(({ title, line }) => [title, line])).join('\n')}\n`);
    return EXIT.success;
  },
});

interface NextCall {
  readonly title: string;
  readonly line: string;
  readonly does: string;
}

/** What an author does next, as commands that run from the working directory as they stand. */
function callsOf(name: string, directory: string, packsDirectory: string): readonly NextCall[] {
  const packs = relative(process.cwd(), packsDirectory) || '.';
  const place = packs === 'packs' ? '' : ` --packs ${shellWord(packs)}`;
  const here = shellWord(relative(process.cwd(), directory));
  const run = `attune-agent run ${name}.hello -p name=Ann${place}`;
  return [
    { title: 'Run it', line: asInvoked(run), does: 'runs the action on this machine' },
    { title: 'Test it', line: asInvoked(`attune-agent packs test ${here}`), does: 'runs the test cases' },
    { title: 'Send it', line: asInvoked(`attune-agent packs install ${here}`), does: 'sends the pack to a server' },
  ];
}
