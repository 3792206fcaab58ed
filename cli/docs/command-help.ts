import type { Command } from 'commander';

/** A command that is not a group, with the words that call it: `vectormill model pull`. */
export interface CallableCommand {
  path: string;
  command: Command;
}

/** Returns every command that is not only a group, in the order of the help. */
export function callableCommands(program: Command, parent = ''): CallableCommand[] {
  const path = parent === '' ? program.name() : `${parent} ${program.name()}`;
  if (program.commands.length === 0) return [{ path, command: program }];
  return program.commands.flatMap((command) => callableCommands(command, path));
}

/** Returns the text that `--help` prints. */
export function helpOf(command: Command): string {
  let text = '';
  const before = command.configureOutput();
  command.configureOutput({
    ...before,
    writeOut: (piece) => {
      text += piece;
    },
  });
  command.outputHelp();
  command.configureOutput(before);
  return text;
}

/** Returns the command lines under "Examples" in the help. */
export function examplesOf(command: Command): string[] {
  return [...helpOf(command).matchAll(/^ {2}\$ (.+)$/gm)].map(([, line]) => line!);
}
