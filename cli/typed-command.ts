import { singleQuoted } from './single-quoted.js';

/**
 * Returns a command line that the reader can type where this process was started. npx finds the
 * program in the clone or in the folder that it is installed in, so a reader who used it is told to
 * use it again. Words that a shell would change are quoted.
 */
export function typedCommand(words: readonly string[], environment: NodeJS.ProcessEnv = process.env): string {
  const program = environment.npm_command === 'exec' ? ['npx', 'vectormill'] : ['vectormill'];
  return [...program, ...words.map(quoted)].join(' ');
}

/** Returns a word as POSIX shells read it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : singleQuoted(word);
}
