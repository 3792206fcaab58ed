import { bashCompletion } from '../completion/bash-completion.js';
import { commandWords } from '../completion/command-words.js';
import { fishCompletion } from '../completion/fish-completion.js';
import { zshCompletion } from '../completion/zsh-completion.js';
import type { CommandDefinition } from '../define-command.js';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof SHELLS;

/** Prints the script with which a shell completes the program's own commands and options. */
export const completionCommand: CommandDefinition = {
  examples: ['vectormill completion bash', 'vectormill completion zsh --json'],
  argumentValues: Object.keys(SHELLS),
  async run({ arguments: [shell = ''], program, json }) {
    const script = SHELLS[shell as Shell](program.name(), commandWords(program));
    if (json) console.log(JSON.stringify({ shell, script }));
    else process.stdout.write(script);
    return 0;
  },
};
