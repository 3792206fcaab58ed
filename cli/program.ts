import { Command } from 'commander';
import { CATALOGUE, type LoadedCommand, nameOf } from './catalogue.js';
import { defineCommand, defineGroup, outlineCommand } from './define-command.js';

/**
 * Returns a program with every command, in the order in which help lists them. Commands whose code
 * is not loaded can be listed, but not called. Misuse is thrown as commander's error and not
 * printed.
 */
export function createProgram(loaded: ReadonlyMap<string, LoadedCommand>): Command {
  const program = new Command('vectormill')
    .description('Embeds a corpus in bulk: documents in, vector files and a manifest out, exactly once.')
    .version('0.1.0')
    // With this, `run --version v2` is the command's own option.
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 refused (nothing was written).\nExamples:\n  $ vectormill run job.yaml',
    );
  for (const entry of CATALOGUE) {
    const command = loaded.get(nameOf(entry));
    if (!command) program.addCommand(outlineCommand(entry, entry.isGroup === true));
    else if ('commands' in command) program.addCommand(defineGroup(entry, command));
    else program.addCommand(defineCommand(entry, command));
  }
  silence(program);
  return program;
}

/**
 * Commander prints a misuse before it throws. Here the code that catches the error prints it, as
 * text or as JSON.
 */
function silence(command: Command): void {
  command.configureOutput({ outputError: () => {} });
  for (const inner of command.commands) silence(inner);
}
