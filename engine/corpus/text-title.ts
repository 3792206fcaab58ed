const ATX_OPENING = /^ {0,3}#{1,6}[ \t]/;
const SETEXT_UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const FENCE = /^ {0,3}(```+|~~~+)/;
const RST_UNDERLINE = /^([!-/:-@[-`{-~])\1{2,}[ \t]*$/;
const MAX_LINES = 500;

/**
 * Returns the first heading of a Markdown text (either of CommonMark's two kinds), outside front
 * matter and fenced code.
 */
export function markdownTitle(text: string): string | undefined {
  const lines = firstLines(text);
  let fence: string | undefined;
  for (let index = afterFrontMatter(lines); index < lines.length; index += 1) {
    const line = lines[index]!;
    const mark = FENCE.exec(line)?.[1]?.slice(0, 3);
    if (mark && (fence === undefined || fence === mark)) fence = fence === undefined ? mark : undefined;
    if (fence !== undefined || mark) continue;
    const heading = atxHeading(line);
    if (heading) return heading;
    const isParagraph = /^ {0,3}[^\s#>|*+-]/.test(line);
    if (isParagraph && SETEXT_UNDERLINE.test(lines[index + 1] ?? '')) return line.trim();
  }
  return undefined;
}

/**
 * Returns the title of an ATX heading without the hashes around it, in time linear in the line's
 * length, however long its white space is.
 */
function atxHeading(line: string): string | undefined {
  const opening = ATX_OPENING.exec(line)?.[0];
  if (opening === undefined) return undefined;
  const title = line.slice(opening.length).trim();
  let end = title.length;
  while (title[end - 1] === '#') end -= 1;
  const isClosed = end < title.length && (end === 0 || title[end - 1] === ' ' || title[end - 1] === '\t');
  return isClosed ? title.slice(0, end).trimEnd() : title;
}

/**
 * Returns the first line of a reStructuredText that is underlined by a row of punctuation at least
 * as long.
 */
export function restructuredTextTitle(text: string): string | undefined {
  const lines = firstLines(text);
  for (const [index, line] of lines.entries()) {
    const underline = lines[index + 1]?.trimEnd() ?? '';
    const isText = line.trim() !== '' && !RST_UNDERLINE.test(line);
    if (isText && RST_UNDERLINE.test(underline) && underline.length >= line.trim().length) return line.trim();
  }
  return undefined;
}

function firstLines(text: string): string[] {
  return text.split(/\r?\n/, MAX_LINES);
}

function afterFrontMatter(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  return end + 1;
}
