import type { ChunkingOptions } from '../../core/chunk.js';
import { cutBefore } from './boundaries.js';
import type { Outline } from './outline.js';
import { packSpan, recursiveSplitters, sentenceSplitters } from './pack.js';
import type { Span } from './span.js';
import type { TokenizedText } from './tokenized-text.js';

/** What a part gets of its tokens when it is cut again because it came out too long. */
const SHRINK = 0.75;

/** Cuts spans of one text by the strategy of a job. */
export interface Planner {
  /** Spans in order that cover `span`, each within its limit as far as the whole text's tokens tell. */
  plan(span: Span): Span[];
  /** The same for a span that came out too long when tokenised alone: smaller; one span if it cannot be cut. */
  shrink(span: Span): Span[];
}

/** `limit(start)`: tokens that the text of a chunk beginning at `start` may have. */
export function createPlanner(
  tokenized: TokenizedText,
  outline: Outline | undefined,
  { strategy, overlap }: ChunkingOptions,
  limit: (start: number) => number,
): Planner {
  const { text } = tokenized;
  const splitters =
    strategy === 'recursive' && outline ? recursiveSplitters(text, outline) : sentenceSplitters(text);
  const cut = (span: Span, limitAt: typeof limit) =>
    strategy === 'fixed'
      ? tokenized.windows(span, limitAt, overlap)
      : packSpan(tokenized, span, splitters, limitAt);
  return {
    plan: (span) => cut(span, limit),
    shrink(span) {
      const smaller = Math.floor(tokenized.count(span) * SHRINK);
      const spans = smaller > 0 ? cut(span, (start) => Math.min(smaller, limit(start))) : [span];
      return spans.length > 1 ? spans : halve(text, span);
    },
  };
}

/** For a span of one token whose characters, tokenised alone, are many. */
function halve(text: string, { start, end }: Span): Span[] {
  const middle = cutBefore(text, (start + end) >> 1, start);
  if (middle >= end) return [{ start, end }];
  return [
    { start, end: middle },
    { start: middle, end },
  ];
}
