import type { Command, Option } from 'commander';

/** An option in the form that completion needs. */
export interface OptionWords {
  /** `--output`, `-o`. */
  flags: readonly string[];
  description: string;
  /** Whether a value follows. */
  takesValue: boolean;
  /** The possible values. Empty where any text, or the name of a file, may follow. */
  values: readonly string[];
}

/** The words that can be typed after those that call a command or a group of commands. */
export interface CommandWords {
  /** The words after the program's name: none, `search`, `model pull`. */
  trail: string;
  /** The trail without its last word, and its last word. */
  parent: string;
  name: string;
  /** The commands that may follow. Empty for a command that is not a group. */
  commands: readonly { name: string; description: string }[];
  options: readonly OptionWords[];
  /** The values of the first argument, where it is one of a few words. */
  argumentValues: readonly string[];
}

/** Returns the program itself and all of its commands, each before those below it. */
export function commandWords(command: Command, parent?: string): CommandWords[] {
  const inner = command.commands;
  const name = parent === undefined ? '' : command.name();
  const trail = `${parent ?? ''} ${name}`.trim();
  const own: CommandWords = {
    trail,
    parent: parent ?? '',
    name,
    commands: inner.map((below) => ({ name: below.name(), description: firstSentence(below.description()) })),
    options: [...command.createHelp().visibleOptions(command)].map(optionWords),
    argumentValues: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [own, ...inner.flatMap((below) => commandWords(below, trail))];
}

function optionWords(option: Option): OptionWords {
  const { short, long, description, required, optional, argChoices, parseArg } = option;
  const words = (parseArg as { words?: readonly string[] } | undefined)?.words;
  return {
    flags: [long, short].filter((flag) => flag !== undefined && flag !== null),
    description: firstSentence(description),
    takesValue: required || optional,
    values: argChoices ?? words ?? [],
  };
}

/** Cuts a long description at its first clause, so that it fits on a line of the terminal. */
function firstSentence(text: string): string {
  return (text.split(/[.;:(](?:\s|$)/)[0] ?? text).trim();
}
