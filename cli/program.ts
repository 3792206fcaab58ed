import { Command } from 'commander';
import { completionCommand } from './commands/completion.js';
import { cancelCommand, pauseCommand, resumeCommand } from './commands/control-job.js';
import { doctorCommand } from './commands/doctor.js';
import { encodeCommand } from './commands/encode.js';
import { evalCommand } from './commands/eval.js';
import { indexCommands } from './commands/index.js';
import { inspectCommand } from './commands/inspect.js';
import { listCommand } from './commands/list.js';
import { mineCommand } from './commands/mine.js';
import { modelCommands } from './commands/model.js';
import { promoteCommand } from './commands/promote.js';
import { rankCommand } from './commands/rank.js';
import { rejectsCommand } from './commands/rejects.js';
import { runCommand } from './commands/run.js';
import { scheduleCommands } from './commands/schedule.js';
import { searchCommand } from './commands/search.js';
import { statusCommand } from './commands/status.js';
import { verifyCommand } from './commands/verify.js';
import { workerCommand } from './commands/worker.js';
import { defineCommand, defineGroup } from './define-command.js';

/** Every command, in the order in which help lists them. Misuse is thrown as commander's error, not printed. */
export function createProgram(): Command {
  const program = new Command('vectormill')
    .description('Embeds a corpus in bulk: documents in, vector files and a manifest out, exactly once.')
    .version('0.1.0')
    // So that `run --version v2` is the command's own option.
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 refused (nothing was written).\nExamples:\n  $ vectormill run job.yaml',
    );
  for (const definition of [
    runCommand,
    statusCommand,
    listCommand,
    pauseCommand,
    resumeCommand,
    cancelCommand,
    workerCommand,
    inspectCommand,
    rejectsCommand,
    searchCommand,
    verifyCommand,
    promoteCommand,
    encodeCommand,
    evalCommand,
    rankCommand,
    mineCommand,
    doctorCommand,
    completionCommand(() => program),
  ]) {
    program.addCommand(defineCommand(definition));
  }
  program.addCommand(defineGroup(scheduleCommands));
  program.addCommand(defineGroup(indexCommands));
  program.addCommand(defineGroup(modelCommands));
  silence(program);
  return program;
}

/** Commander prints a misuse before it throws; here whoever catches it prints it, as text or as JSON. */
function silence(command: Command): void {
  command.configureOutput({ outputError: () => {} });
  for (const inner of command.commands) silence(inner);
}
