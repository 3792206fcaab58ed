import type { Command, Option } from 'commander';

/** An option as a shell completes it. */
export interface OptionWords {
  /** `--output`, `-o`. */
  flags: readonly string[];
  description: string;
  /** Whether a value follows. */
  takesValue: boolean;
  /** The values that there are; empty where any text, or a file's name, may follow. */
  values: readonly string[];
}

/** What can be typed after the words that call a command, or a group of commands. */
export interface CommandWords {
  /** The words behind the program's name: empty, `search`, `model pull`. */
  trail: string;
  /** The trail without its last word, and that word. */
  parent: string;
  name: string;
  /** Commands that may follow; none for a command that does something. */
  commands: readonly { name: string; description: string }[];
  options: readonly OptionWords[];
  /** The values of its first argument, where they are a few words. */
  argumentValues: readonly string[];
}

/** Every command of a program and the program itself, each before those below it. */
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

/** Long descriptions are cut at their first clause, so that a line of the terminal holds them. */
function firstSentence(text: string): string {
  return (text.split(/[.;:(](?:\s|$)/)[0] ?? text).trim();
}
