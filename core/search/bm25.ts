/** The rows in which a term occurs, each once, and how often it occurs in each. */
export interface TermPostings {
  rows: Uint32Array;
  frequencies: Uint16Array;
}

/** These are the values of Lucene and Elasticsearch. They are not tuned to any corpus. */
const TERM_SATURATION = 1.2;
const LENGTH_NORMALISATION = 0.75;

/**
 * Returns the weight of a term: ln(1 + (N − n + 0.5) / (n + 0.5)) for a term in n of N rows. This
 * is Lucene's form, which is above 0 even for a term that is in every row.
 */
export function inverseDocumentFrequency(rows: number, rowsWithTerm: number): number {
  return Math.log(1 + (rows - rowsWithTerm + 0.5) / (rowsWithTerm + 0.5));
}

/**
 * Returns the BM25 score of every row for the terms of a query, each of which counts once: the sum
 * over terms of idf · f · (k₁ + 1) / (f + k₁ · (1 − b + b · length / mean length)), with k₁ = 1.2
 * and b = 0.75 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009). `lengths`
 * is `[rows]`, the number of terms in each row. A row without any of the terms has the score 0.
 */
export function bm25Scores(terms: readonly TermPostings[], lengths: Uint32Array): Float64Array {
  const scores = new Float64Array(lengths.length);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  for (const { rows, frequencies } of terms) {
    const weight = inverseDocumentFrequency(lengths.length, rows.length) * (TERM_SATURATION + 1);
    for (const [index, row] of rows.entries()) {
      const frequency = frequencies[index]!;
      const norm = 1 - LENGTH_NORMALISATION + (LENGTH_NORMALISATION * lengths[row]!) / mean;
      scores[row]! += (weight * frequency) / (frequency + TERM_SATURATION * norm);
    }
  }
  return scores;
}
