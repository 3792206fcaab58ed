import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash-completion.js';
import { commandWords } from '../completion/command-words.js';
import { fishCompletion } from '../completion/fish-completion.js';
import { zshCompletion } from '../completion/zsh-completion.js';
import type { CommandDefinition } from '../define-command.js';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof SHELLS;

/** The command that prints what makes a shell complete the program's own commands and options. */
export function completionCommand(program: () => Command): CommandDefinition {
  return {
    usage: 'completion <shell>',
    summary:
      'Print a script with which bash, zsh or fish completes commands, options and their values at the Tab key.',
    examples: ['vectormill completion bash', 'vectormill completion zsh --json'],
    argumentValues: Object.keys(SHELLS),
    async run({ arguments: [shell = ''], json }) {
      const root = program();
      const script = SHELLS[shell as Shell](root.name(), commandWords(root));
      if (json) console.log(JSON.stringify({ shell, script }));
      else process.stdout.write(script);
      return 0;
    },
  };
}
