import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Command } from 'commander';
import { verb as root } from '#cli/commands/root.ts';
import { documentedVerbs } from '#cli/documented-verbs.ts';
import { manPage, wholeManPage } from '#cli/man-page.ts';
import { describeProgram } from '#cli/program.ts';
import { sourcesOf, type Verb, type VerbList } from '#cli/verb.ts';
import { verbs } from '#cli/verbs.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

interface Named {
  readonly name: string;
  /** Undefined: a group. */
  readonly verb: Verb | undefined;
  readonly examples: Verb['examples'];
  /** The verbs that its examples may call: itself, or those of the group. */
  readonly callable: readonly (Verb | undefined)[];
  readonly isHidden: boolean;
}

async function allOf(list: VerbList, prefix = ''): Promise<readonly Named[]> {
  const found = Object.entries(list).map(async ([word, one]) => {
    const name = `${prefix}${word}`;
    const verb = (await one.load?.())?.verb;
    const inner = await allOf(one.verbs ?? {}, `${name} `);
    const callable = verb ? [verb] : inner.map((other) => other.verb);
    const examples = verb?.examples ?? one.examples ?? [];
    return [{ name, verb, examples, callable, isHidden: one.isHidden === true }, ...inner];
  });
  return (await Promise.all(found)).flat();
}

/** The verb that a command line calls, with its options; a command line that cannot be parsed is an error. */
async function parse(args: readonly string[]): Promise<{ verb: Verb; options: Readonly<Record<string, unknown>> }> {
  const called: { verb: Verb; options: Readonly<Record<string, unknown>> }[] = [];
  const program = describeProgram(root, verbs, {
    env: {},
    perform: async ({ verb, options }) => {
      called.push({ verb, options });
    },
  });
  await program.parseAsync([...args], { from: 'user' });
  const [one] = called;
  if (!one) throw new Error(`${args.join(' ')} calls no verb`);
  return one;
}

const directory = temporaryDirectory();
let all: readonly Named[] = [];

beforeAll(async () => {
  all = [{ name: '', verb: root, examples: root.examples, callable: [root], isHidden: false }, ...(await allOf(verbs))];
  directory.program('attune-agent', `[ $# = 0 ] || printf '%s\\n' "$@" > ${directory.path}/arguments`);
});
afterAll(() => directory[Symbol.dispose]());

/** The words of a command line, as a shell reads it. */
async function wordsOf(line: string): Promise<readonly string[]> {
  const arguments_ = directory.file('arguments', '');
  for (const name of ['token.txt', 'password.txt']) directory.file(name, 'secret');
  const env = { PATH: `${directory.path}:/usr/bin:/bin` };
  expect(call(['sh', '-euc', line], { env, cwd: directory.path })).toMatchObject({ exitCode: 0, stderr: '' });
  const words = await Bun.file(arguments_).text();
  return words.split('\n').slice(0, -1);
}

test('every verb and every group that the help shows has an example, which a shell and the command line understand', async () => {
  const visible = all.filter((one) => !one.isHidden);
  expect(visible.length).toBeGreaterThan(30);
  expect(visible.filter(({ verb }) => !verb).map(({ name }) => name)).toEqual([
    'workers',
    'actions',
    'schedules',
    'webhooks',
    'keys',
    'packs',
    'environments',
    'token',
    'contexts',
  ]);
  for (const { name, examples, callable } of visible) {
    expect([name, examples.length > 0]).toEqual([name, true]);
    for (const [line, purpose] of examples) {
      const parsed = await parse(await wordsOf(line));
      expect([line, callable.includes(parsed.verb)]).toEqual([line, true]);
      expect(purpose).toMatch(/^[A-Z].*[^.]$/);
    }
  }
});

test('a group lists what it is about where no verb follows, and every verb that writes JSON writes YAML too', async () => {
  for (const { name } of all.filter(({ verb }) => !verb))
    expect(await parse([...name.split(' '), '--format', 'json'])).toEqual(
      await parse([...name.split(' '), 'list', '--format', 'json']),
    );
  const formats = all.flatMap(({ name, verb }) => (verb?.options['format']?.choices ?? []).map((one) => [name, one]));
  const writing = (format: string) => formats.flatMap(([name, one]) => (one === format ? [name] : []));
  expect(writing('json').length).toBeGreaterThan(40);
  expect(writing('yaml')).toEqual(writing('json'));
});

test('every verb that lists what a server has watches it too', () => {
  const asking = all.filter(({ verb }) => verb?.settings?.includes('api_context'));
  const lists = asking.filter(({ verb }) => verb?.options['format']?.choices?.includes('wide'));
  expect(lists.length).toBeGreaterThan(10);
  expect(lists.filter(({ verb }) => verb?.options['watch'] === undefined).map(({ name }) => name)).toEqual([]);
});

test('the help of every verb and group shows its examples, and a sentence for each argument and option', async () => {
  for (const { name, verb, examples } of all.filter((one) => !one.isHidden)) {
    const help = await helpOf(name);
    for (const [line] of examples) expect(`${help}\n`).toContain(`\n  ${line}\n`);
    for (const { syntax, sentence } of [
      ...Object.values(verb?.arguments ?? {}),
      ...Object.values(verb?.options ?? {}),
    ]) {
      expect(help).toContain(`  ${syntax.replace(/^[<[](.*?)(\.\.\.)?[>\]]$/, '$1')} `);
      expect(sentence).toMatch(/^[A-Z].*[^.]$/);
    }
  }
});

async function helpOf(name: string): Promise<string> {
  let help = '';
  const program = describeProgram(root, verbs, { perform: async () => {}, env: {} });
  const listen = (command: Command): void => {
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    for (const one of command.commands) listen(one);
  };
  listen(program);
  const words = name.split(' ').filter((word) => word !== '');
  await expect(program.parseAsync([...words, '--help'], { from: 'user' })).rejects.toThrow('(outputHelp)');
  return help;
}

test('admit is workers assign under its former name, which no help shows', async () => {
  const assign = await parse(['workers', 'assign', 'w1', '--token', 't']);
  const admit = await parse(['admit', 'w1', '--token', 't']);
  expect(admit).toEqual(assign);
  expect(describeProgram(root, verbs, { perform: async () => {}, env: {} }).helpInformation()).not.toContain('admit');
});

test('options reach the settings that they override, and --config the file', async () => {
  const { verb, options } = await parse(['-n', 'w1', '--port', '0', '--config', join(directory.path, 'a.yaml')]);
  expect(sourcesOf(verb, options, { A: 'b' })).toEqual({
    flags: { 'worker.name': 'w1', packs_base_dir: undefined, data_dir: undefined, 'server.port': '0' },
    options: { 'worker.name': '--name', packs_base_dir: '--packs', data_dir: '--data', 'server.port': '--port' },
    env: { A: 'b' },
    file: join(directory.path, 'a.yaml'),
  });
});

test('a verb takes its own options only, and options may stand on both sides of a group', async () => {
  expect((await parse(['executions', '--limit', '3'])).options).toEqual({ limit: '3', format: 'text' });
  expect((await parse(['workers', '--format', 'json'])).options).toEqual({ format: 'json' });
  expect((await parse(['run', 'a.b', '-p', 'x=1', '-p', 'y=2'])).options).toEqual({
    param: ['x=1', 'y=2'],
    format: 'text',
  });
});

test('manual pages say what the help says, and nothing of them is taken for a request of roff', async () => {
  const documented = await documentedVerbs(root, verbs);
  const whole = wholeManPage(documented);
  const pages = documented.map((one) => [one.name, manPage(one)] as const);
  for (const [name, page] of [['', whole] as const, ...pages]) {
    const requests = page.split('\n').filter((line) => /^[.']/.test(line));
    const unknown = requests.filter((line) => !/^\.(\\"|TH|SH|SS|PP|TP|B|RS|RE|nf|fi)( |$)/.test(line));
    expect([name, unknown]).toEqual([name, []]);
  }
  expect(whole).toContain('\n.B "attune\\-agent packs install"\n');
  expect(pages.find(([name]) => name === 'run')?.[1]).toContain('\n.B "\\-p, \\-\\-param <key=value>"\n');
});
