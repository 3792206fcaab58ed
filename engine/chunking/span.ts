/** A stretch of a text in UTF-16 code units. The start is inclusive and the end exclusive. */
export interface TextSpan {
  start: number;
  end: number;
}

const NOT_WHITE_SPACE = /\S/g;

/**
 * Returns the index of the first character at or after `from` that is not white space, or the
 * text's length if there is none.
 */
export function skipWhiteSpace(text: string, from: number): number {
  NOT_WHITE_SPACE.lastIndex = from;
  return NOT_WHITE_SPACE.exec(text)?.index ?? text.length;
}

/** Returns the span without white space at its ends, or undefined if it is all white space. */
export function trimSpan(text: string, { start, end }: TextSpan): TextSpan | undefined {
  const first = skipWhiteSpace(text, start);
  if (first >= end) return undefined;
  let last = end;
  while (/\s/.test(text[last - 1]!)) last--;
  return { start: first, end: last };
}

/**
 * Returns the index of the first element of an ascending array that is at least `value`, or the
 * array's length if there is none.
 */
export function lowerBound(ascending: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
