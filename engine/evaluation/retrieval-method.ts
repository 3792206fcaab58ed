import type { CrossEncoder } from '../model/cross-encoder.js';
import type { Embedder } from '../model/embedder.js';
import type { Fusion } from '../search/fuse-stages.js';

/**
 * The way in which documents are found for a query: by one stage, or by two whose rankings are
 * fused.
 */
export type RetrievalMethod =
  | { mode: 'dense'; embedder: Embedder }
  | { mode: 'bm25' }
  | {
      mode: 'hybrid';
      embedder: Embedder;
      fusion: Fusion;
      /** The number of documents that each stage passes on. */
      candidates: number;
    };

/**
 * Scores the first `top` documents of each query again, and puts them in the order of these scores.
 */
export interface Reranking {
  encoder: CrossEncoder;
  top: number;
  /** Is called with the number of pairs that are scored so far, and the number of all. */
  onPairs?: ((done: number, total: number) => void) | undefined;
}
