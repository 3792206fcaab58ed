/** The first line under the title of a generated page. */
export const GENERATED = '<!-- Made by `npx tsx cli/docs/generate.ts`; change the source, not this page. -->';

/** A table; `|` in cells is escaped. Nothing for no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

export function codeBlock(language: string, text: string): string[] {
  return [`\`\`\`${language}`, text.trimEnd(), '```', ''];
}

/** Text as code, also where it holds backticks. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Columns that a line of prose may have. */
const MAX_COLUMNS = 120;

/**
 * A paragraph or, with a `lead` such as `- `, an item of a list, whose lines are wrapped. Code is
 * not broken across lines.
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
