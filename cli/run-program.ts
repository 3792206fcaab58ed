import { type Command, CommanderError } from 'commander';
import { VectormillError } from '../core/errors.js';
import { loadCommands } from './catalogue.js';
import { createProgram } from './program.js';
import { reportError } from './report-error.js';

/**
 * Runs one command line, without the program's own name, and leaves the exit code in
 * `process.exitCode`.
 */
export async function runProgram(line: readonly string[]): Promise<void> {
  const program = createProgram(await loadCommands(line));
  try {
    await program.parseAsync(line, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end with 0. Any other reason for which commander stops is a misuse and is
    // refused.
    process.exitCode =
      error.exitCode === 0
        ? 0
        : reportError(misuse(error, commandIn(program, line)), line.includes('--json'));
  }
}

function misuse(error: CommanderError, command: string): VectormillError {
  const message = error.code === 'commander.help' ? 'no command was given' : error.message;
  return new VectormillError('USAGE', message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '), {
    component: 'cli',
    remedy: `\`${command} --help\` shows what can be given.`,
  });
}

/** Returns the longest known command with which a line begins, with the program's name. */
function commandIn(program: Command, line: readonly string[]): string {
  const inner = program.commands.find((command) => command.name() === line[0]);
  return inner ? `${program.name()} ${commandIn(inner, line.slice(1))}` : program.name();
}
