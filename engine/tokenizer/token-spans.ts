import type { TokenSpans } from './tokenizer.js';

/**
 * Returns the spans of a piece that begins at `base` in its text. `offsets` come from the native
 * code and are code points of the piece, with an inclusive start and an exclusive end. The result
 * counts UTF-16 units of the text.
 */
export function spansOfPiece(piece: string, base: number, offsets: readonly [number, number][]): TokenSpans {
  const units = /[\ud800-\udbff]/.test(piece) ? unitsOfCodePoints(piece) : undefined;
  const starts = new Uint32Array(offsets.length);
  const ends = new Uint32Array(offsets.length);
  for (let i = 0; i < offsets.length; i++) {
    const [start, end] = offsets[i]!;
    starts[i] = base + (units ? units[start]! : start);
    ends[i] = base + (units ? units[end]! : end);
  }
  return { starts, ends };
}

/**
 * Returns an array in which `result[n]` is where code point n begins, in UTF-16 units, with one
 * more entry for the end.
 */
function unitsOfCodePoints(text: string): Uint32Array {
  const units = new Uint32Array(text.length + 1);
  let count = 0;
  for (let unit = 0; unit < text.length; unit += text.codePointAt(unit)! > 0xffff ? 2 : 1)
    units[count++] = unit;
  units[count] = text.length;
  return units;
}

/** Joins the spans of neighbouring pieces, in order. */
export function joinSpans(pieces: readonly TokenSpans[]): TokenSpans {
  if (pieces.length === 1) return pieces[0]!;
  const total = pieces.reduce((sum, piece) => sum + piece.starts.length, 0);
  const starts = new Uint32Array(total);
  const ends = new Uint32Array(total);
  let at = 0;
  for (const piece of pieces) {
    starts.set(piece.starts, at);
    ends.set(piece.ends, at);
    at += piece.starts.length;
  }
  return { starts, ends };
}
