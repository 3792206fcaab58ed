import type { ScoredRow } from '../../core/top-k.js';

/** What one stage said of a chunk. */
export interface StageScore {
  score: number;
  /** Place in the stage's own ranking, from 1; absent where the chunk is in it only by the other stage. */
  rank?: number;
  /** The score as weighted fusion weighs it, 0 to 1; absent elsewhere. */
  share?: number;
}

/** The stages that a chunk went through: cosine, BM25, fused score, the cross-encoder's score. */
export interface Stages {
  dense?: StageScore;
  bm25?: StageScore;
  fusion?: StageScore;
  rerank?: StageScore;
}

export const STAGE_NAMES = ['dense', 'bm25', 'fusion', 'rerank'] as const satisfies (keyof Stages)[];

/** A row of a version with what each stage has said of it; the score is the last one's. */
export interface StagedRow extends ScoredRow {
  stages: Stages;
}

/** A chunk that was found. */
export interface StagedHit {
  rank: number;
  /** The last stage's score of it. */
  score: number;
  chunkId: string;
  docId: string;
  title?: string;
  text: string;
  /** Its document's. */
  metadata?: Record<string, unknown>;
  stages: Stages;
}
