export const TRAINING_FORMATS = ['triplet', 'n-tuple', 'labeled-pair', 'labeled-list'] as const;
export type TrainingFormat = (typeof TRAINING_FORMATS)[number];

/** A chunk that is a positive or a negative of a query. */
export interface MinedPassage {
  text: string;
  title?: string;
  documentId: string;
  chunkId: string;
  /** The chunk's row key as a decimal number. */
  rowKey: string;
  /** The key of the vector file from which the score was computed. */
  vectorFile: string;
  /** The similarity to the query. */
  score: number;
  /** The place among the candidates, from 1. Absent for a positive. */
  rank?: number;
  /** The cross-encoder's score. Absent where it was not asked. */
  crossScore?: number;
}

/** A query with what was mined for it. */
export interface MinedQuery {
  id: string;
  text: string;
  positives: readonly MinedPassage[];
  /** The negatives, the best first. */
  negatives: readonly MinedPassage[];
}

/** One row of training data: the query and its passages, in the order of the row's columns. */
export interface TrainingRow {
  query: MinedQuery;
  passages: readonly { passage: MinedPassage; label: 0 | 1 }[];
}

/** The columns of a row by name, as sentence-transformers and `datasets` read them. */
export type TrainingRecord = Record<string, string | number | readonly string[] | readonly number[]>;

/**
 * Returns the rows of one query, in sentence-transformers' order. A query that has too few
 * negatives gets fewer triplets, no n-tuple and a shorter list. It gets no list if it has no
 * negatives.
 */
export function trainingRows(query: MinedQuery, format: TrainingFormat, numNegatives: number): TrainingRow[] {
  const positives = query.positives.map((passage) => ({ passage, label: 1 as const }));
  const negatives = query.negatives.map((passage) => ({ passage, label: 0 as const }));
  switch (format) {
    case 'triplet':
      return positives.flatMap((positive) =>
        negatives.map((negative) => ({ query, passages: [positive, negative] })),
      );
    case 'labeled-pair':
      return [...positives, ...negatives].map((passage) => ({ query, passages: [passage] }));
    default: {
      const least = format === 'n-tuple' ? numNegatives : 1;
      return negatives.length < least
        ? []
        : positives.map((positive) => ({ query, passages: [positive, ...negatives] }));
    }
  }
}

/**
 * Returns the columns of a row. With `scores`, the similarities have a column of their own, or
 * replace the labels in formats with labels.
 */
export function trainingRecord(
  { query, passages }: TrainingRow,
  format: TrainingFormat,
  withScores: boolean,
): TrainingRecord {
  const texts = passages.map(({ passage }) => passage.text);
  const labels = passages.map(({ label }) => label);
  const scores = passages.map(({ passage }) => passage.score);
  const anchor = query.text;
  switch (format) {
    case 'triplet':
      return { anchor, positive: texts[0]!, negative: texts[1]!, ...(withScores && { scores }) };
    case 'n-tuple': {
      const negatives = texts.slice(1).map((text, index) => [`negative_${index + 1}`, text] as const);
      return { anchor, positive: texts[0]!, ...Object.fromEntries(negatives), ...(withScores && { scores }) };
    }
    case 'labeled-pair':
      return { anchor, document: texts[0]!, ...(withScores ? { score: scores[0]! } : { label: labels[0]! }) };
    case 'labeled-list':
      return { anchor, documents: texts, ...(withScores ? { scores } : { labels }) };
  }
}
