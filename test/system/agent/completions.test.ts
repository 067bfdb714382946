/** Completions in the shells themselves. */
import { expect, test } from 'bun:test';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** What a shell offers for the last of the words, of which the first is the program; each prints one candidate a line. */
type Offered = (program: string, words: readonly string[]) => readonly string[];
const shells: Readonly<Record<string, Offered>> = {
  bash: (program, words) => [
    'bash',
    '-c',
    `eval "$(${program} completions bash)"; complete -p "\${1##*/}" >/dev/null; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _attune_agent; printf "%s\\n" "\${COMPREPLY[@]}"`,
    'bash',
    ...words,
  ],
  zsh: (program, words) => [
    'zsh',
    '-f',
    '-c',
    `compdef() { (( $@[(Ie)\${program:t}] )) || print -u2 $@ }; program=$1; _files() { :; }; compadd() { print -l -- "\${(@P)2}"; }; eval "$(${program} completions zsh)"; words=("$@"); CURRENT=$#; _attune_agent`,
    'zsh',
    ...words,
  ],
  fish: (program, words) => [
    'fish',
    '--no-config',
    '-c',
    `${program} completions fish | source; complete -C "${words.join(' ')}"`,
  ],
};

for (const [shell, command] of Object.entries(shells))
  test(`${shell}: verbs, their verbs, options and their values`, () => {
    using directory = temporaryDirectory();
    symlinkSync(agentFile, join(directory.path, 'attune-agent'));
    const env = { PATH: `${directory.path}:/usr/bin:/bin`, HOME: directory.path };
    const offered = (...words: readonly string[]): readonly string[] => {
      const given = ['attune-agent', ...words];
      const { stdout, stderr } = call(command('attune-agent', given), { env, cwd: directory.path });
      expect(stderr).toBe('');
      return stdout.split('\n').map((line) => line.split('\t', 1)[0] ?? '');
    };
    expect(offered('')).toEqual(expect.arrayContaining(['submit', 'packs', 'token', 'help', 'man']));
    expect(offered('')).not.toContain('__complete');
    expect(offered('packs', '')).toEqual(expect.arrayContaining(['list', 'install']));
    expect(offered('submit', '--')).toEqual(expect.arrayContaining(['--param', '--detach']));
    expect(offered('submit', '--format', '')).toEqual(expect.arrayContaining(['text', 'json']));
    expect(offered('token', 'create', '--scope', 'submit,r')).toContain('submit,read');
    directory.file('packs/demo/pack.yaml', 'ref: demo\n');
    directory.file('packs/demo/actions/hello.yaml', 'entry_point: hello.sh\n');
    directory.file('packs/demo/actions/hello.sh', 'echo hello\n');
    expect(offered('run', '')).toContain('demo.hello');
    expect(offered('packs', 'validate', '')).toContain('packs/demo');
    expect(offered('packs', 'dev', 'packs/demo', '--action', '')).toContain('hello');
    expect(offered('submit', './x', '--runtime', '')).toContain('python');
    expect(offered('webhooks', 'create', 'http://example.com', '--status', '')).toContain('failed');
    expect(offered('environments', 'build', '--packs', 'packs', '')).toContain('demo');
    expect(offered('schema', '')).toContain('action');
    expect(offered('workers', '')).toEqual(expect.arrayContaining(['list', 'show', 'remove']));
    expect(offered('workers', '--')).toEqual(expect.arrayContaining(['--watch', '--format']));
    expect(offered('workers', '--format', '')).toEqual(expect.arrayContaining(['wide', 'yaml', 'name']));
    expect(offered('packs', 'validate', 'packs/demo', '')).not.toContain('packs/demo');
    const away = { ...env, PATH: '/usr/bin:/bin' };
    symlinkSync(agentFile, join(directory.path, 'attune-agent-elsewhere'));
    for (const program of [join(directory.path, 'attune-agent-elsewhere'), './attune-agent-elsewhere']) {
      const said = call(command(program, [program, 'submit', '--format', '']), { env: away, cwd: directory.path });
      expect(said).toMatchObject({ stderr: '', stdout: expect.stringContaining('json') });
    }
  });
