/** Returns a text as one word that POSIX shells and zsh read without changing anything in it. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
