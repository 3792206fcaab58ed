/** The first line under the title of a generated page. */
export const GENERATED = '<!-- Made by `npx tsx cli/docs/generate.ts`; change the source, not this page. -->';

/** Returns a table. The character `|` is escaped in cells. Without rows there is no table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

export function codeBlock(language: string, text: string): string[] {
  return [`\`\`\`${language}`, text.trimEnd(), '```', ''];
}

/** Formats a text as code, even where it contains backticks. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** The largest number of columns in a line of prose. */
const MAX_COLUMNS = 120;

/**
 * Returns a paragraph with wrapped lines. With a `lead` such as `- ` it is an item of a list. Code
 * is not broken across lines.
 */
export function paragraph(text: string, lead = ''): string[] {
  const lines: string[] = [];
  for (const word of text.match(/(?:`+[^`]*`+|\S)+/g) ?? []) {
    const line = lines.at(-1);
    if (line === undefined) lines.push(lead + word);
    else if (line.length + 1 + word.length <= MAX_COLUMNS) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(' '.repeat(lead.length) + word);
  }
  return lines;
}
