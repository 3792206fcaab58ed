import type { TokenSpans } from '../tokenizer/tokenizer.js';
import { cutBefore } from './boundaries.js';
import { lowerBound, type TextSpan } from './span.js';

/** A text and where its tokens begin, for counting tokens and for cutting between them. */
export class TokenizedText {
  readonly text: string;
  readonly #starts: Uint32Array;

  constructor(text: string, spans: TokenSpans) {
    this.text = text;
    this.#starts = spans.starts;
  }

  /** Returns how many tokens of the whole text begin in the span, without special tokens. */
  count({ start, end }: TextSpan): number {
    return lowerBound(this.#starts, end) - lowerBound(this.#starts, start);
  }

  /**
   * Returns windows over `span`, in order and covering it. Each has at most `limit(start)` tokens,
   * as far as words and code points allow. Cuts move back to the start of a word. Neighbours share
   * about `overlap` tokens, at most half a window; a window before a long word may lie wholly in
   * the one before it.
   */
  windows(span: TextSpan, limit: (start: number) => number, overlap: number): TextSpan[] {
    const windows: TextSpan[] = [];
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

  /**
   * Returns where the window after this one begins. That is after its start, or at its end if
   * sharing would leave too little.
   */
  #overlapStart({ start, end }: TextSpan, limit: (start: number) => number, overlap: number): number {
    const token = lowerBound(this.#starts, end) - Math.min(overlap, limit(start) >> 1);
    if (token <= lowerBound(this.#starts, start)) return end;
    const shared = Math.min(end, this.#cut(token, start));
    return this.count({ start: shared, end }) <= limit(shared) >> 1 ? shared : end;
  }
}
