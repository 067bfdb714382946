import { EXIT } from '#cli/exit-codes.ts';
import { oneOf } from '#cli/parameter.ts';
import { write } from '#cli/terminal.ts';
import { defineVerb } from '#cli/verb.ts';

export const verb = defineVerb({
  details: 'Put the line of the example into the start-up file of your shell.',
  arguments: { shell: oneOf('shell', ['bash', 'zsh', 'fish'], 'Shell that the completions are for') },
  options: {},
  examples: [
    ['eval "$(attune-agent completions bash)"', 'Completes verbs and options in this bash, and likewise in a zsh'],
    ['attune-agent completions fish', 'Prints what a fish sources'],
  ],
  action: async ({ shell }) => {
    await write(process.stdout, scripts[shell]);
    return EXIT.success;
  },
});

/** Each script asks the program itself what can follow, so that it fits the version that is installed. */
const scripts = {
  bash: `_attune_agent() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]#=}" before=
  case $word in *,*) before="\${word%,*}," ;; esac
  COMPREPLY=($(compgen -P "$before" -W "$(attune-agent __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${word##*,}"))
}
complete -o default -F _attune_agent attune-agent
`,
  zsh: `#compdef attune-agent
_attune_agent() {
  local -a found
  found=(\${(f)"$(attune-agent __complete -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
  case $words[CURRENT] in *,*) found=("\${words[CURRENT]%,*},"\${^found}) ;; esac
  compadd -a found
  _files
}
compdef _attune_agent attune-agent
`,
  fish: `function __attune_agent_complete
  set -l words (commandline -opc)
  set -l before (commandline -ct | string match -r '.*,')
  for word in (attune-agent __complete -- $words[2..-1] 2>/dev/null)
    echo "$before$word"
  end
end
complete -c attune-agent -a '(__attune_agent_complete)'
`,
} as const;
