import type { Command } from 'commander';

/** What can follow the words given so far: verbs and options of the command they name. */
export function candidates(program: Command, words: readonly string[]): readonly string[] {
  const command = words.reduce<Command>(
    (one, word) => one.commands.find((next) => next.name() === word) ?? one,
    program,
  );
  const previous = words.at(-1) ?? '';
  const choices = command.options.find((one) => one.long === previous || one.short === previous)?.argChoices;
  if (choices) return choices;
  const verbs = command.commands.map((one) => one.name()).filter((name) => !name.startsWith('_'));
  const options = command.options.flatMap((one) => (one.hidden ? [] : (one.long ?? [])));
  return [...verbs, ...(command.registeredArguments[0]?.argChoices ?? []), ...options, '--help'];
}

/** Each asks the program itself, so that they fit whatever version is installed. */
export const completionScripts = {
  bash: `_attune_agent() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(attune-agent __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _attune_agent attune-agent
`,
  zsh: `#compdef attune-agent
_attune_agent() {
  local -a found
  found=(\${(f)"$(attune-agent __complete -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
  compadd -a found
  _files
}
compdef _attune_agent attune-agent
`,
  fish: `function __attune_agent_complete
  set -l words (commandline -opc)
  attune-agent __complete -- $words[2..-1] 2>/dev/null
end
complete -c attune-agent -a '(__attune_agent_complete)'
`,
} as const;
