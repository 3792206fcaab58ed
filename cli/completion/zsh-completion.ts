import { singleQuoted } from '../single-quoted.js';
import type { CommandWords } from './command-words.js';

/** Returns a script like `bashCompletion`, for zsh. It also shows what each word means. */
export function zshCompletion(program: string, commands: readonly CommandWords[]): string {
  const below = commands.filter(({ trail }) => trail !== '');
  return `#compdef ${program}
# Completion of ${program} for zsh, made by: ${program} completion zsh > ~/.zfunc/_${program}
# with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc
_${program}() {
  local trail="" word
  local -a choices flags
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$trail/$word" in
${below.map(({ trail, parent, name }) => `      ${singleQuoted(`${parent}/${name}`)}) trail=${singleQuoted(trail)} ;;`).join('\n')}
    esac
  done
  [[ "\${words[CURRENT]}" == -* ]] || case "$trail/\${words[CURRENT - 1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$trail" in
${commands.map(wordsCase).join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe 'option' flags
  elif ((\${#choices})); then
    _describe 'command' choices
  else
    _files
  fi
}
# Found in $fpath, this file is the function itself, the first time that it is called; sourced, it tells zsh of the function.
if [[ "\${funcstack[1]}" == _${program} ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}

function valueCases({ trail, options }: CommandWords): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ flags, values }) => {
      const pattern = flags.map((flag) => singleQuoted(`${trail}/${flag}`)).join(' | ');
      const reply = values.length > 0 ? `compadd -- ${values.map(singleQuoted).join(' ')}` : '_files';
      return `    ${pattern}) ${reply}; return ;;`;
    });
}

function wordsCase({ trail, commands, options, argumentValues }: CommandWords): string {
  const choices = [
    ...commands.map(({ name, description }) => described(name, description)),
    ...argumentValues.map(singleQuoted),
  ];
  const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.description)));
  return `    ${singleQuoted(trail)}) choices=(${choices.join(' ')}); flags=(${flags.join(' ')}) ;;`;
}

/** `_describe` separates a word from its meaning by a colon. */
function described(word: string, meaning: string): string {
  return singleQuoted(`${word.replaceAll(':', '\\:')}:${meaning}`);
}
