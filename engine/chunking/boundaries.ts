/**
 * The number of UTF-16 units that are examined on each side of a cut. A longer word or grapheme is
 * cut inside.
 */
const REACH = 64;

/** The locale is fixed, so that the same text is cut the same way on every machine. */
const WORDS = new Intl.Segmenter('und', { granularity: 'word' });
const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Returns a good place to cut at or shortly before `at`, in UTF-16 units and strictly after `from`:
 * the start of the word in which `at` lies, or else of its grapheme, or else of its code point. If
 * none of these lies after `from`, the result is the end of the first code point after `from`,
 * which may then lie after `at`.
 */
export function cutBefore(text: string, at: number, from: number): number {
  for (const segmenter of [WORDS, GRAPHEMES]) {
    const start = segmentStart(segmenter, text, at);
    if (start !== undefined && start > from) return start;
  }
  const start = insidePair(text, at) ? at - 1 : at;
  return start > from ? start : from + (insidePair(text, from + 1) ? 2 : 1);
}

/**
 * Returns where the segment around `at` begins. The result is undefined if that lies beyond the
 * reach and so is not known.
 */
function segmentStart(segmenter: Intl.Segmenter, text: string, at: number): number | undefined {
  if (at >= text.length) return text.length;
  const left = Math.max(0, at - REACH);
  const base = insidePair(text, left) ? left - 1 : left;
  const found = segmenter.segment(text.slice(base, at + REACH)).containing(at - base)!.index;
  return found === 0 && base > 0 ? undefined : base + found;
}

function insidePair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000;
}
