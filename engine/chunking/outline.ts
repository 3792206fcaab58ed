import { skipWhiteSpace } from './span.js';

/**
 * A Markdown heading. Offsets are UTF-16 units of the text; `end` is where the text under it
 * begins.
 */
export interface Heading {
  start: number;
  end: number;
  /** A number from 1 to 6. */
  level: number;
  title: string;
}

/**
 * The structure of a text, as its lines show it. Positions are UTF-16 units, ascending, with white
 * space skipped.
 */
export interface Outline {
  headings: readonly Heading[];
  /**
   * The starts of paragraphs, fenced code and other blocks that are set off from what is before.
   */
  blocks: readonly number[];
  /** The starts of list items, table rows and lines of fenced code that do not start a block. */
  items: readonly number[];
  /**
   * The positions where the text under each heading begins. A text is never cut there, so that a
   * heading stays with its text.
   */
  glued: ReadonlySet<number>;
}

/** A longer line is ordinary text, whatever it begins with. */
const LONGEST_HEADING_UNITS = 1000;

const FENCE = /(`{3,}|~{3,})/y;
const ITEM = /(?:[-*+]|\d{1,9}[.)])[ \t]|\|/y;
const UNDERLINE = /^(?:=+|-+)$/;

/**
 * Reads headings (ATX and one-line setext), blocks, list items, tables and code fences by
 * CommonMark's line rules; a `#` inside a fence is code. Plain text comes out as paragraphs. The
 * time is linear in the text.
 */
export function readOutline(text: string): Outline {
  const headings: Heading[] = [];
  const blocks: number[] = [];
  const items: number[] = [];
  const glued = new Set<number>();
  let fence: string | undefined;
  let afterBlank = true;
  let afterHeading = false;

  for (let lineStart = 0; lineStart < text.length; ) {
    const newline = text.indexOf('\n', lineStart);
    const lineEnd = newline < 0 ? text.length : newline;
    const next = lineEnd + 1;
    const start = skipWhiteSpace(text, lineStart);
    if (start >= lineEnd) {
      afterBlank = true;
      // Successive blank lines are skipped at once, so that their number does not matter.
      lineStart = Math.max(next, lineStartOf(text, start));
      continue;
    }
    const shallow = start - lineStart <= 3;
    const marker = shallow ? matchAt(FENCE, text, start) : undefined;
    let heading: Heading | undefined;
    let closesFence = false;
    if (fence !== undefined) {
      closesFence =
        marker?.startsWith(fence) === true && skipWhiteSpace(text, start + marker.length) >= lineEnd;
      if (closesFence) fence = undefined;
      else items.push(start);
    } else {
      heading = shallow && !marker ? readHeading(text, start, lineEnd, afterBlank) : undefined;
      if (afterHeading) glued.add(start);
      else if (!heading && (afterBlank || marker)) blocks.push(start);
      else if (!heading && matchAt(ITEM, text, start)) items.push(start);
      if (heading) headings.push(heading);
      fence = marker;
    }
    afterBlank = closesFence;
    afterHeading = heading !== undefined;
    lineStart = heading?.end ?? next;
  }
  return { headings, blocks, items, glued };
}

function readHeading(text: string, start: number, lineEnd: number, afterBlank: boolean): Heading | undefined {
  if (lineEnd - start > LONGEST_HEADING_UNITS) return undefined;
  const line = text.slice(start, lineEnd).trimEnd();
  const end = Math.min(text.length, lineEnd + 1);
  const hashes = /^#{1,6}(?=[ \t]|$)/.exec(line)?.[0];
  if (hashes !== undefined) {
    return {
      start,
      end,
      level: hashes.length,
      title: withoutClosingHashes(line.slice(hashes.length).trim()),
    };
  }
  if (!afterBlank || matchAt(ITEM, text, start) || line.startsWith('>')) return undefined;
  const newline = text.indexOf('\n', end);
  const underlineEnd = newline < 0 ? text.length : newline;
  if (underlineEnd - end > LONGEST_HEADING_UNITS) return undefined;
  const underline = text.slice(end, underlineEnd).trim();
  if (!UNDERLINE.test(underline) || UNDERLINE.test(line)) return undefined;
  return {
    start,
    end: Math.min(text.length, underlineEnd + 1),
    level: underline.startsWith('=') ? 1 : 2,
    title: line,
  };
}

function withoutClosingHashes(title: string): string {
  let end = title.length;
  while (title[end - 1] === '#') end--;
  return end === 0 || /[ \t]/.test(title[end - 1]!) ? title.slice(0, end).trimEnd() : title;
}

function lineStartOf(text: string, at: number): number {
  return at >= text.length ? text.length : text.lastIndexOf('\n', at) + 1;
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
