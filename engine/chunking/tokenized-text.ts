import type { TokenSpans } from '../tokenizer/tokenizer.js';
import { cutBefore } from './boundaries.js';
import { lowerBound, type Span } from './span.js';

/** A text and where its tokens begin, for counting and for cutting by tokens. */
export class TokenizedText {
  readonly text: string;
  readonly #starts: Uint32Array;

  constructor(text: string, spans: TokenSpans) {
    this.text = text;
    this.#starts = spans.starts;
  }

  /** Tokens of the whole text that begin in the span, special tokens left out. */
  count({ start, end }: Span): number {
    return lowerBound(this.#starts, end) - lowerBound(this.#starts, start);
  }

  /**
   * Windows over `span`, in order and covering it, each of at most `limit(start)` tokens where words and code points
   * allow. Cuts move back to the start of a word. Neighbours share about `overlap` tokens, at most half a window; a
   * window before a long word may lie wholly in the one before it.
   */
  windows(span: Span, limit: (start: number) => number, overlap: number): Span[] {
    const windows: Span[] = [];
    const last = lowerBound(this.#starts, span.end);
    let { start } = span;
    for (;;) {
      const next = lowerBound(this.#starts, start) + Math.max(1, limit(start));
      const end = next >= last ? span.end : Math.min(span.end, this.#cut(next, start));
      windows.push({ start, end });
      if (end >= span.end) return windows;
      start = overlap > 0 ? this.#overlapStart({ start, end }, limit, overlap) : end;
    }
  }

  #cut(token: number, from: number): number {
    return cutBefore(this.text, this.#starts[token]!, from);
  }

  /** Where the window after `window` begins: after its start, and at its end where sharing would leave too little. */
  #overlapStart({ start, end }: Span, limit: (start: number) => number, overlap: number): number {
    const token = lowerBound(this.#starts, end) - Math.min(overlap, limit(start) >> 1);
    if (token <= lowerBound(this.#starts, start)) return end;
    const shared = Math.min(end, this.#cut(token, start));
    return this.count({ start: shared, end }) <= limit(shared) >> 1 ? shared : end;
  }
}
