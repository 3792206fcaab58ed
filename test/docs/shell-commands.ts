/**
 * A quoted or plain piece of a word, a whole `$(…)`, an escaped character, a comment, an operator,
 * or space.
 */
const TOKEN =
  /'([^']*)'|"((?:[^"\\]|\\.)*)"|(\$\([^)]*\))|\\\n|\\(.)|((?<![^\s;|&])#[^\n]*)|(\n|&&|\|\|?|;|&|\d?>>?(?:&\d)?|<)|([ \t]+)|([^\s'"\\|&;<>$]+|\$)/gy;

/**
 * Returns the words of each simple command in lines of shell, without quotes, comments,
 * redirections and leading assignments.
 */
export function shellCommands(text: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  let redirected = false;
  const endWord = () => {
    if (word !== undefined && !redirected) commands.at(-1)!.push(word);
    if (word !== undefined) redirected = false;
    word = undefined;
  };
  for (const [, single, double, substitution, escaped, comment, operator, space, plain] of text.matchAll(
    TOKEN,
  )) {
    const piece = single ?? double ?? substitution ?? escaped ?? plain;
    if (piece !== undefined) word = (word ?? '') + piece;
    else if (space !== undefined || comment !== undefined) endWord();
    else if (operator !== undefined) {
      endWord();
      if (/[<>]/.test(operator)) redirected = !operator.includes('&');
      else commands.push([]);
    }
  }
  endWord();
  return commands.map(withoutAssignments).filter(({ length }) => length > 0);
}

function withoutAssignments(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  return first < 0 ? [] : words.slice(first);
}
