export interface EvaluateOptions {
  /** The cut-offs of the retrieval metrics, from 1. */
  ks: readonly number[];
  /** The same as in `retrieve`. */
  ignoreIdenticalIds: boolean;
  signal?: AbortSignal | undefined;
  /** Is called with the number of texts that are embedded so far, and the number of all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface EvaluationResult {
  /**
   * Metrics by name, such as `ndcg@10`, `spearman` or `accuracy`. They are from 0 (a correlation
   * from −1) to 1, or null where they are not defined.
   */
  metrics: Readonly<Record<string, number | null>>;
  /** Counts of what was evaluated and of what was left out, by name. */
  counts: Readonly<Record<string, number>>;
  /** The number of embedded tokens, without padding and with special tokens. */
  tokens: number;
}
