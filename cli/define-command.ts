import { Command } from 'commander';
import { argumentMeaning } from './argument-meanings.js';
import { reportError } from './report-error.js';
import { withShortOption } from './short-options.js';

export interface CommandDefinition {
  /** Name and arguments in commander's notation: `search <dataset> <query>`. */
  usage: string;
  summary: string;
  /** Full command lines, printed under `--help`. */
  examples: readonly string[];
  options?: readonly OptionDefinition[];
  /** The words that the first argument may be, where they are few. */
  argumentValues?: readonly string[];
  /** Arguments and options as parsed; what it returns is the exit code, 0 when it returns nothing. */
  run(input: CommandInput): Promise<number | undefined>;
}

/** Commands under a common first word: `model pull`, `model show`. */
export interface CommandGroup {
  name: string;
  summary: string;
  commands: readonly CommandDefinition[];
}

export interface OptionDefinition {
  /** The long one, with its value: `--output <uri>`. The short one comes from `SHORT_OPTIONS`. */
  flags: string;
  description: string;
  fallback?: string | number;
  /** Whether the command cannot do without it. */
  required?: boolean;
  /** `previous`: what an earlier one of the same option was read as, for options that may be given again. */
  parse?: (value: string, previous?: unknown) => unknown;
}

export interface CommandInput {
  arguments: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /** Whether `--json` was given: results go to stdout as JSON, one document or one line each. */
  json: boolean;
}

/** A commander command with what every command has: `--json`, examples, and exit codes by error code. */
export function defineCommand(definition: CommandDefinition): Command {
  const [name, ...argumentNames] = definition.usage.split(' ');
  const command = new Command(name).description(definition.summary).exitOverride();
  for (const argument of argumentNames) command.argument(argument, argumentMeaning(argument));
  if (definition.argumentValues) command.registeredArguments[0]?.choices(definition.argumentValues);
  for (const option of definition.options ?? []) addOption(command, option);
  command.option(withShortOption('--json'), 'print results and errors as JSON', false);
  command.addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join('\n')}`);
  command.action(async (...all: unknown[]) => {
    const given = all
      .slice(0, -2)
      .flat()
      .filter((value) => value !== undefined) as string[];
    const options = command.opts();
    const json = options.json === true;
    try {
      process.exitCode = (await definition.run({ arguments: given, options, json })) ?? 0;
    } catch (error) {
      process.exitCode = reportError(error, json);
    }
  });
  return command;
}

/** A command that only holds others; called without one of them, it shows its help and is refused. */
export function defineGroup({ name, summary, commands }: CommandGroup): Command {
  const group = new Command(name).description(summary).exitOverride();
  for (const definition of commands) group.addCommand(defineCommand(definition));
  return group;
}

function addOption(command: Command, definition: OptionDefinition): void {
  const { flags, description, fallback, required, parse } = definition;
  const option = command.createOption(withShortOption(flags), description);
  if (parse) option.argParser(parse);
  if (fallback !== undefined) option.default(fallback);
  command.addOption(option.makeOptionMandatory(required === true));
}
