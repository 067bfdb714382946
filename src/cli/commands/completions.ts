import { basename, resolve } from 'node:path';
import { EXIT } from '#cli/exit-codes.ts';
import { shellWord } from '#cli/invoked.ts';
import { oneOf } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';

export const verb = defineVerb({
  details: 'Put the line of the example into the start-up file of your shell.',
  arguments: { shell: oneOf('shell', ['bash', 'zsh', 'fish'], 'Shell that the completions are for') },
  options: {},
  examples: [
    ['eval "$(attune-agent completions bash)"', 'Completes verbs and options in this bash, and likewise in a zsh'],
    ['attune-agent completions fish', 'Prints what a fish sources'],
  ],
  action: async ({ shell }) => {
    await write(process.stdout, scripts[shell](namesHere(), programHere()));
    return EXIT.success;
  },
});

const NAME = 'attune-agent';

/** What this program was called by; a run from source was called by the name of Bun. */
const calledBy = (): string => (IS_STATIC_FILE ? process.argv0 : NAME);

/** The words that are completed: a shell looks for the last part of a path, too. */
function namesHere(): readonly string[] {
  return [...new Set([NAME, basename(calledBy())])].map(shellWord);
}

/** The program as it can be called from any directory: a path in full, or a name that is on PATH. */
function programHere(): string {
  const called = calledBy();
  return shellWord(called.includes('/') ? resolve(called) : called);
}

type Script = (names: readonly string[], program: string) => string;

/** Each script asks the program itself what can follow, so that it fits the version that is installed. */
const scripts: Readonly<Record<'bash' | 'zsh' | 'fish', Script>> = {
  bash: (names, program) => `_attune_agent() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]#=}" before=
  case $word in *,*) before="\${word%,*}," ;; esac
  COMPREPLY=($(compgen -P "$before" -W "$(${program} __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${word##*,}"))
}
complete -o default -F _attune_agent ${names.join(' ')}
`,
  zsh: (names, program) => `#compdef ${names.join(' ')}
_attune_agent() {
  local -a found
  found=(\${(f)"$(${program} __complete -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
  case $words[CURRENT] in *,*) found=("\${words[CURRENT]%,*},"\${^found}) ;; esac
  compadd -a found
  _files
}
compdef _attune_agent ${names.join(' ')}
`,
  fish: (names, program) => `function __attune_agent_complete
  set -l words (commandline -opc)
  set -l before (commandline -ct | string match -r '.*,')
  for word in (${program} __complete -- $words[2..-1] 2>/dev/null)
    echo "$before$word"
  end
end
${names.map((name) => `complete -c ${name} -a '(__attune_agent_complete)'`).join('\n')}
`,
};
