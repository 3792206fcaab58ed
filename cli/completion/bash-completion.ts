import type { CommandWords } from './command-words.js';

/**
 * Returns a script for bash that completes the commands of a program, their options and the values
 * of options. Other words are completed as files.
 */
export function bashCompletion(program: string, commands: readonly CommandWords[]): string {
  const below = commands.filter(({ trail }) => trail !== '');
  return `# Completion of ${program} for bash, made by:
# ${program} completion bash > ~/.local/share/bash-completion/completions/${program}
_${program}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" trail="" words="" word i
  ((COMP_CWORD > 0)) && previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$trail/$word" in
${below.map(({ trail, parent, name }) => `      "${parent}/${name}") trail="${trail}" ;;`).join('\n')}
    esac
  done
  COMPREPLY=()
  # No value begins like an option, and some options can do without one.
  [[ "$current" == -* ]] || case "$trail/$previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$trail" in
${commands.map(wordsCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${program} ${program}
`;
}

/** Completes the value of an option: from its words, or in bash's own way. */
function valueCases({ trail, options }: CommandWords): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ flags, values }) => {
      const pattern = flags.map((flag) => `"${trail}/${flag}"`).join(' | ');
      const reply =
        values.length > 0 ? `COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$current")); ` : '';
      return `    ${pattern}) ${reply}return ;;`;
    });
}

/**
 * Completes options where one is begun, else commands or the values of an argument, else files,
 * which bash does by itself.
 */
function wordsCase({ trail, commands, options, argumentValues }: CommandWords): string {
  const flags = options.flatMap((option) => option.flags).join(' ');
  const others = [...commands.map(({ name }) => name), ...argumentValues].join(' ');
  return `    "${trail}") if [[ "$current" == -* ]]; then words="${flags}"; else words="${others}"; fi ;;`;
}
