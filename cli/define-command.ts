import { Command } from 'commander';
import { reportError } from './report-error.js';

export interface CommandDefinition {
  /** Name and arguments in commander's notation: `search <dataset> <query>`. */
  usage: string;
  summary: string;
  /** Full command lines, printed under `--help`. */
  examples: readonly string[];
  options?: readonly OptionDefinition[];
  /** Arguments and options as parsed; what it returns is the exit code, 0 when it returns nothing. */
  run(input: CommandInput): Promise<number | undefined>;
}

export interface OptionDefinition {
  flags: string;
  description: string;
  fallback?: string | number;
  parse?: (value: string) => unknown;
}

export interface CommandInput {
  arguments: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /** Whether `--json` was given: results go to stdout as JSON, one document or one line each. */
  json: boolean;
}

/** A commander command with what every command has: `--json`, examples, and exit codes by error code. */
export function defineCommand(definition: CommandDefinition): Command {
  const command = new Command(definition.usage.split(' ')[0]).description(definition.summary);
  for (const argument of definition.usage.split(' ').slice(1)) command.argument(argument);
  for (const { flags, description, fallback, parse } of definition.options ?? []) {
    if (parse) command.option(flags, description, parse, fallback);
    else command.option(flags, description, fallback === undefined ? undefined : String(fallback));
  }
  command.option('--json', 'print results as JSON', false);
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
