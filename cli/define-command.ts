import { Command } from 'commander';
import { argumentMeaning } from './argument-meanings.js';
import { reportError } from './report-error.js';
import { withShortOption } from './short-options.js';

/** The entry for one command in a list of commands. */
export interface CommandOutline {
  /** The name and the arguments in commander's notation: `search <dataset> <query>`. */
  usage: string;
  summary: string;
}

export interface CommandDefinition {
  /** Full command lines, printed under `--help`. */
  examples: readonly string[];
  options?: readonly OptionDefinition[];
  /** The possible words of the first argument, where there are few. */
  argumentValues?: readonly string[];
  /** Takes arguments and options as parsed. Returns the exit code, or nothing for 0. */
  run(input: CommandInput): Promise<number | undefined>;
}

/** A command whose first word is shared with other commands. */
export interface GroupedCommand extends CommandOutline, CommandDefinition {}

/** Commands that share their first word: `model pull`, `model show`. */
export interface CommandGroup {
  commands: readonly GroupedCommand[];
}

export interface OptionDefinition {
  /** The long option with its value: `--output <uri>`. The short one comes from `SHORT_OPTIONS`. */
  flags: string;
  description: string;
  fallback?: string | number;
  /** Whether the command requires the option. */
  required?: boolean;
  /**
   * `previous` is the parsed value of an earlier use of the same option, for options that may be
   * repeated.
   */
  parse?: (value: string, previous?: unknown) => unknown;
}

export interface CommandInput {
  /** The whole line as it was typed, without the program's name. */
  words: readonly string[];
  arguments: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /**
   * Whether `--json` was given. Results then go to stdout as JSON, as one document or one per line.
   */
  json: boolean;
  /** The program to which the command belongs. */
  program: Command;
}

/**
 * Returns a commander command with everything that all commands share: `--json`, examples, and exit
 * codes by error code.
 */
export function defineCommand(outline: CommandOutline, definition: CommandDefinition): Command {
  const command = describeCommand(outline);
  if (definition.argumentValues) command.registeredArguments[0]?.choices(definition.argumentValues);
  for (const option of definition.options ?? []) addOption(command, option);
  addJsonOption(command);
  command.addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join('\n')}`);
  command.action(async (...all: unknown[]) => {
    const given = all
      .slice(0, -2)
      .flat()
      .filter((value) => value !== undefined) as string[];
    const options = command.opts();
    const json = options.json === true;
    const program = rootOf(command);
    try {
      process.exitCode =
        (await definition.run({ words: wordsOf(program), arguments: given, options, json, program })) ?? 0;
    } catch (error) {
      process.exitCode = reportError(error, json);
    }
  });
  return command;
}

/**
 * Returns a command that only groups others. If it is called without one of them, it shows its help
 * and is refused.
 */
export function defineGroup(outline: CommandOutline, { commands }: CommandGroup): Command {
  const group = describeCommand(outline);
  for (const command of commands) group.addCommand(defineCommand(command, command));
  return group;
}

/** Returns a command as the program's help lists it. It cannot be run. */
export function outlineCommand(outline: CommandOutline, isGroup: boolean): Command {
  const command = describeCommand(outline);
  if (!isGroup) addJsonOption(command);
  return command;
}

function describeCommand({ usage, summary }: CommandOutline): Command {
  const [name, ...argumentNames] = usage.split(' ');
  const command = new Command(name).description(summary).exitOverride();
  for (const argument of argumentNames) command.argument(argument, argumentMeaning(argument));
  return command;
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

/** Returns the words of the line, which commander has and its types do not name. */
function wordsOf(program: Command): readonly string[] {
  return (program as Command & { rawArgs: readonly string[] }).rawArgs;
}

function addJsonOption(command: Command): void {
  command.option(withShortOption('--json'), 'print results and errors as JSON', false);
}

function addOption(command: Command, definition: OptionDefinition): void {
  const { flags, description, fallback, required, parse } = definition;
  const option = command.createOption(withShortOption(flags), description);
  if (parse) option.argParser(parse);
  if (fallback !== undefined) option.default(fallback);
  command.addOption(option.makeOptionMandatory(required === true));
}
