/** After this many UTF-16 units, a piece ends at the next white space. */
const PIECE_UNITS = 1 << 14;

/** After this many UTF-16 units, a piece ends even inside a word. */
const LONGEST_PIECE_UNITS = 1 << 17;

const WHITE_SPACE = /[ \t\n\r]/g;

/**
 * Returns where to cut a long text so that each piece can be tokenised alone, in UTF-16 units,
 * ascending, beginning with 0. Cuts fall before white space, where the pre-tokenisers of BERT,
 * byte-level BPE and SentencePiece all begin a new word, so the pieces' tokens are the text's. Only
 * a run of 131,072 units without white space is cut inside (never inside a surrogate pair), so that
 * memory and time stay bounded; there one word may become two.
 */
export function pieceStarts(text: string): number[] {
  const starts = [0];
  let start = 0;
  while (text.length - start > 2 * PIECE_UNITS) {
    WHITE_SPACE.lastIndex = start + PIECE_UNITS;
    const hard = start + LONGEST_PIECE_UNITS;
    const found = WHITE_SPACE.exec(text.slice(0, Math.min(hard, text.length)))?.index;
    if (found === undefined && hard >= text.length) break;
    start = found ?? outsidePair(text, hard);
    starts.push(start);
  }
  return starts;
}

/**
 * Returns the end of a prefix of about `units`, never inside a surrogate pair. The prefix is the
 * whole text if that is not much longer.
 */
export function prefixEnd(text: string, units: number): number {
  return text.length <= units * 2 ? text.length : outsidePair(text, units);
}

function outsidePair(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before < 0xdc00 ? at - 1 : at;
}
