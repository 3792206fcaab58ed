/** A stretch of a text in UTF-16 code units. The start is inclusive and the end exclusive. */
export interface TextSpan {
  start: number;
  end: number;
}

const NOT_WHITE_SPACE = /\S/g;

/**
 * Returns the place of the next character that is not white space, at or after `from`, or the
 * text's length if there is none.
 */
export function skipWhiteSpace(text: string, from: number): number {
  NOT_WHITE_SPACE.lastIndex = from;
  return NOT_WHITE_SPACE.exec(text)?.index ?? text.length;
}

/** Returns the span without white space at its ends, or undefined if it holds nothing else. */
export function trimSpan(text: string, { start, end }: TextSpan): TextSpan | undefined {
  const first = skipWhiteSpace(text, start);
  if (first >= end) return undefined;
  let last = end;
  while (/\s/.test(text[last - 1]!)) last--;
  return { start: first, end: last };
}

/**
 * Returns the first index of an ascending array whose value is not below `value`, or its length if
 * there is none.
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
