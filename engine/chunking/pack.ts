import type { Outline } from './outline.js';
import { lineStarts, sentenceStarts } from './sentences.js';
import { lowerBound, type TextSpan } from './span.js';
import type { TokenizedText } from './tokenized-text.js';

/** Returns the places inside a span where it may be cut, ascending. */
type Splitter = (span: TextSpan) => readonly number[];

/**
 * Ways to cut a text, the coarsest first. Pieces on the two sides of a section's border are never
 * joined.
 */
export interface Splitters {
  sections: readonly Splitter[];
  within: readonly Splitter[];
}

/** Cuts at sentences, then at lines for a text that has no sentences. */
export function sentenceSplitters(text: string): Splitters {
  return { sections: [], within: [(span) => sentenceStarts(text, span), (span) => lineStarts(text, span)] };
}

/**
 * Cuts at sections by heading level, then at blocks, list items and code lines, sentences and
 * lines. It never cuts right after a heading.
 */
export function recursiveSplitters(text: string, outline: Outline): Splitters {
  const sections = [1, 2, 3, 4, 5, 6].map((level) => {
    const starts = outline.headings.filter((heading) => heading.level === level).map(({ start }) => start);
    return among(starts.filter((start) => !outline.glued.has(start)));
  });
  const notGlued = (positions: readonly number[]) => positions.filter((at) => !outline.glued.has(at));
  const within: Splitter[] = [
    among(outline.blocks),
    among(outline.items),
    (span) => notGlued(sentenceStarts(text, span)),
    (span) => notGlued(lineStarts(text, span)),
  ];
  return { sections, within };
}

/**
 * Cuts a span into pieces of at most `limit(start)` tokens. It cuts at the coarsest places that the
 * span has and joins neighbours as long as they fit. A piece that does not fit is cut in the next
 * finer way, and at last into windows of tokens. Pieces are in order, touch, and cover the span.
 */
export function packSpan(
  tokenized: TokenizedText,
  span: TextSpan,
  splitters: Splitters,
  limit: (start: number) => number,
): TextSpan[] {
  const ways = [...splitters.sections, ...splitters.within];
  const pieces: TextSpan[] = [];
  const fits = (piece: TextSpan) => tokenized.count(piece) <= limit(piece.start);

  const add = (piece: TextSpan, coarsest: number): void => {
    if (fits(piece)) {
      pieces.push(piece);
      return;
    }
    let way = coarsest;
    let positions: readonly number[] = [];
    while (way < ways.length && positions.length === 0) positions = ways[way++]!(piece);
    if (positions.length === 0) {
      for (const window of tokenized.windows(piece, limit, 0)) pieces.push(window);
      return;
    }
    let growing: TextSpan | undefined;
    for (const [i, end] of [...positions, piece.end].entries()) {
      const part = { start: positions[i - 1] ?? piece.start, end };
      if (growing && fits({ start: growing.start, end })) {
        growing.end = end;
        continue;
      }
      const whole = fits(part);
      add(part, way);
      growing = whole || way > splitters.sections.length ? pieces.at(-1) : undefined;
    }
  };

  add(span, 0);
  return pieces;
}

function among(positions: readonly number[]): Splitter {
  return ({ start, end }) => positions.slice(lowerBound(positions, start + 1), lowerBound(positions, end));
}
