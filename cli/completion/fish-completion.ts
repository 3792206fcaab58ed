import type { CommandWords, OptionWords } from './command-words.js';

/** Returns a script like `bashCompletion`, for fish. It also shows what each word means. */
export function fishCompletion(program: string, commands: readonly CommandWords[]): string {
  const below = commands.filter(({ trail }) => trail !== '');
  const at = `__${program}_at`;
  return `# Completion of ${program} for fish, made by:
# ${program} completion fish > ~/.config/fish/completions/${program}.fish
function ${at}
  set -l trail ''
  for word in (commandline -opc)[2..-1]
    switch "$trail/$word"
${below.map(({ trail, parent, name }) => `      case ${quoted(`${parent}/${name}`)}\n        set trail ${quoted(trail)}`).join('\n')}
    end
  end
  test "$trail" = "$argv[1]"
end
complete -c ${program} -e
${commands.flatMap((command) => linesOf(program, at, command)).join('\n')}
`;
}

function linesOf(
  program: string,
  at: string,
  { trail, commands, options, argumentValues }: CommandWords,
): string[] {
  const line = (rest: string) => `complete -c ${program} -n ${quoted(`${at} ${quoted(trail)}`)} ${rest}`;
  return [
    ...commands.map(({ name, description }) => line(`-f -a ${quoted(name)} -d ${quoted(description)}`)),
    ...argumentValues.map((value) => line(`-f -a ${quoted(value)}`)),
    ...options.map((option) => line(optionOf(option))),
  ];
}

function optionOf({ flags, description, takesValue, values }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = !takesValue ? [] : values.length > 0 ? ['-x', `-a ${quoted(values.join(' '))}`] : ['-r'];
  return [...names, ...value, `-d ${quoted(description)}`].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
