/**
 * The number of characters from which a chunk counts as a piece of a query that holds it word for
 * word. A shorter match may be an accident.
 */
const MIN_PIECE_LENGTH = 40;

/** A chunk's text in the form that is compared with the text of a query. */
export interface ComparableChunk {
  /** The embedded text: the prefix, if any, and the span. */
  text: string;
  /** The span of the document alone. */
  span: string;
  title?: string | undefined;
}

/**
 * Returns a function that tells whether a chunk says nothing but the query. That is the same text,
 * with or without its title before it, or a piece of a query that is itself a long document. Runs
 * of white space count as one space, and white space at the ends does not count.
 */
export function queryTest(query: string): (chunk: ComparableChunk) => boolean {
  const sought = comparable(query);
  if (sought === '') return () => false;
  return ({ text, span, title = '' }) => {
    const own = comparable(span);
    if (own === sought || (own.length >= MIN_PIECE_LENGTH && sought.includes(own))) return true;
    return comparable(text) === sought || comparable(`${title} ${span}`) === sought;
  };
}

/** Returns whether a query is the same as this title, by the same rules. */
export function isTitle(query: string, title: string | undefined): boolean {
  return title !== undefined && comparable(title) !== '' && comparable(title) === comparable(query);
}

/**
 * Returns the span of a chunk: the last characters of its text, as many as the span has code
 * points.
 */
export function spanOf(text: string, codePoints: number): string {
  let start = text.length;
  for (let left = codePoints; left > 0 && start > 0; left -= 1) {
    const isPair = start > 1 && text.codePointAt(start - 2)! > 0xffff;
    start -= isPair ? 2 : 1;
  }
  return text.slice(start);
}

function comparable(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}
