import type { CrossEncoder } from '../model/cross-encoder.js';
import type { Embedder } from '../model/embedder.js';
import type { Fusion } from '../search/fuse-stages.js';

/** What finds documents for a query: one stage, or two and how they are fused. */
export type RetrievalMethod =
  | { mode: 'dense'; embedder: Embedder }
  | { mode: 'bm25' }
  | {
      mode: 'hybrid';
      embedder: Embedder;
      fusion: Fusion;
      /** Documents that each stage hands on. */
      candidates: number;
    };

/** Scores the first `top` documents of each query again and puts them in its own order. */
export interface Reranking {
  encoder: CrossEncoder;
  top: number;
  /** Pairs scored so far, of all. */
  onPairs?: ((done: number, total: number) => void) | undefined;
}
