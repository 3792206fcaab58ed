import type { ChunkingOptions } from '../../core/chunk.js';
import { cutBefore } from './boundaries.js';
import type { Outline } from './outline.js';
import { packSpan, recursiveSplitters, sentenceSplitters } from './pack.js';
import type { TextSpan } from './span.js';
import type { TokenizedText } from './tokenized-text.js';

/** The fraction of its tokens that each part gets when a span that is too long is cut again. */
const SHRINK = 0.75;

/** Cuts spans of one text by the strategy of a job. */
export interface SpanPlanner {
  /**
   * Returns spans in order that cover `span`. Each is within its limit as far as the tokens of the
   * whole text can tell.
   */
  plan(span: TextSpan): TextSpan[];
  /**
   * Cuts a span that came out too long when it was tokenised alone into smaller ones. The result is
   * one span if it cannot be cut.
   */
  shrink(span: TextSpan): TextSpan[];
}

/**
 * Makes the planner of a text. `limit(start)` is how many tokens the text of a chunk that begins at
 * `start` may have.
 */
export function createSpanPlanner(
  tokenized: TokenizedText,
  outline: Outline | undefined,
  { strategy, overlap }: ChunkingOptions,
  limit: (start: number) => number,
): SpanPlanner {
  const { text } = tokenized;
  const splitters =
    strategy === 'recursive' && outline ? recursiveSplitters(text, outline) : sentenceSplitters(text);
  const cut = (span: TextSpan, limitAt: typeof limit) =>
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

/** Cuts a span of one token whose characters are many tokens when they are tokenised alone. */
function halve(text: string, { start, end }: TextSpan): TextSpan[] {
  const middle = cutBefore(text, (start + end) >> 1, start);
  if (middle >= end) return [{ start, end }];
  return [
    { start, end: middle },
    { start: middle, end },
  ];
}
