import { Command } from 'commander';
import { cancelCommand, pauseCommand, resumeCommand } from './commands/control-job.js';
import { listCommand } from './commands/list.js';
import { runCommand } from './commands/run.js';
import { statusCommand } from './commands/status.js';
import { workerCommand } from './commands/worker.js';
import { defineCommand } from './define-command.js';

/** Every command, in the order in which help lists them. */
export function createProgram(): Command {
  const program = new Command('vectormill')
    .description('Embeds a corpus in bulk: documents in, vector files and a manifest out, exactly once.')
    .version('0.1.0')
    .showHelpAfterError('(--help tells more)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 refused (nothing was written).\nExample:\n  $ vectormill run job.yaml',
    );
  for (const definition of [
    runCommand,
    statusCommand,
    listCommand,
    pauseCommand,
    resumeCommand,
    cancelCommand,
    workerCommand,
  ]) {
    program.addCommand(defineCommand(definition));
  }
  return program;
}
