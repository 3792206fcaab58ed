export interface SearchOptions {
  /** The number of chunks that are wanted, 1 to 1000. The default is 5. */
  top?: number;
  /**
   * `dense` compares vectors, `bm25` the words of the query, and `hybrid` does both and fuses their
   * rankings. The default is `dense`.
   */
  mode?: 'dense' | 'bm25' | 'hybrid';
  /**
   * The way in which `hybrid` fuses: by weighted scores, where `alpha`, 0 to 1, is the weight of
   * the vectors, or by reciprocal ranks. The default is `alpha` 0.7.
   */
  fusion?: { kind: 'alpha'; alpha: number } | { kind: 'rrf' };
  /** The version's index that finds the nearest vectors. Without it, all vectors are compared. */
  index?: string;
  /** Conditions that a chunk must meet, all of them: `language=en`, `year>=2020`. */
  filters?: readonly string[];
}

/** A chunk that was found. */
export interface Hit {
  /** The place of the chunk among the hits, from 1. */
  rank: number;
  /** The similarity of vectors, the BM25 score, or the fused score, according to the mode. */
  score: number;
  chunkId: string;
  docId: string;
  /** The title of its document; absent where that has none. */
  title?: string;
  text: string;
  /** The metadata of its document; absent where the job kept none. */
  metadata?: Record<string, unknown>;
}
