/**
 * Characters from which a chunk that a query holds word for word is a piece of it, and no accident.
 */
const MIN_PIECE_LENGTH = 40;

/** A chunk's text as it is compared with a query's. */
export interface ComparableChunk {
  /** What was embedded: the prefix, if any, and the span. */
  text: string;
  /** The span of the document alone. */
  span: string;
  title?: string | undefined;
}

/**
 * Tells whether a chunk says nothing but the query: the same text, with or without its title before
 * it, or a piece of a query that is itself a long document. White space counts as one space, and
 * none at the ends.
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

/** Whether a query is this title, by the same rules. */
export function isTitle(query: string, title: string | undefined): boolean {
  return title !== undefined && comparable(title) !== '' && comparable(title) === comparable(query);
}

/** The span of a chunk: the last characters of its text, as many as the span has code points. */
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
