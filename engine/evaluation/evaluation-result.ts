export interface EvaluateOptions {
  /** Cuts of the retrieval metrics, from 1. */
  ks: readonly number[];
  /** As in `retrieve`. */
  ignoreIdenticalIds: boolean;
  signal?: AbortSignal | undefined;
  /** Texts embedded so far, of all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface EvaluationResult {
  /** By name: `ndcg@10`, `spearman`, `accuracy`; from 0 (a correlation from −1) to 1, null where it is not defined. */
  metrics: Readonly<Record<string, number | null>>;
  /** What was evaluated, and what was left out, by name. */
  counts: Readonly<Record<string, number>>;
  /** Non-padding tokens embedded, special tokens included. */
  tokens: number;
}
