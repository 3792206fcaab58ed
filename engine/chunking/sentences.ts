import { skipWhiteSpace, type TextSpan } from './span.js';

const SENTENCES = new Intl.Segmenter('und', { granularity: 'sentence' });

/**
 * The segmenter's time at each step is proportional to its whole text, so it gets only this many
 * units at once.
 */
const SLICE_UNITS = 2048;

/** A line end that is not next to a blank line. In prose it usually comes from wrapping. */
const SOFT_LINE_END = /\r?\n(?![ \t\r]*\n)/g;

/**
 * Returns where sentences begin inside the span (without its start), by Unicode's rules (UAX 29),
 * ascending. A single line end is read as a space, because wrapped prose would otherwise be cut at
 * every line; a blank line ends a sentence.
 */
export function sentenceStarts(text: string, { start, end }: TextSpan): number[] {
  const flowing = text.slice(start, end).replace(SOFT_LINE_END, (lineEnd) => ' '.repeat(lineEnd.length));
  const positions: number[] = [];
  for (let from = 0; from < flowing.length; ) {
    const slice = flowing.slice(from, from + SLICE_UNITS);
    let last = 0;
    for (const { index } of SENTENCES.segment(slice)) {
      if (index > 0) pushContentStart(positions, text, start + from + index, start, end);
      last = index;
    }
    // The slice's last sentence may go on after it, so the next slice begins where that sentence
    // does.
    const atEnd = from + SLICE_UNITS >= flowing.length;
    from += atEnd || last === 0 ? SLICE_UNITS : last;
  }
  return positions;
}

/**
 * Returns where lines begin inside the span (without its start), with white space skipped,
 * ascending.
 */
export function lineStarts(text: string, { start, end }: TextSpan): number[] {
  const positions: number[] = [];
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1))
    pushContentStart(positions, text, at + 1, start, end);
  return positions;
}

function pushContentStart(positions: number[], text: string, at: number, start: number, end: number): void {
  if (at < (positions.at(-1) ?? 0)) return;
  const content = skipWhiteSpace(text, at);
  if (content > start && content < end && content !== positions.at(-1)) positions.push(content);
}
