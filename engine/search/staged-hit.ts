import type { ScoredRow } from '../../core/top-k.js';

/** The score of one stage for a chunk. */
export interface StageScore {
  score: number;
  /**
   * The place in the stage's own ranking, from 1; absent where only the other stage found the
   * chunk.
   */
  rank?: number;
  /** The score in the scale of weighted fusion, 0 to 1; absent elsewhere. */
  share?: number;
}

/**
 * The stages that a chunk went through, with their scores: cosine, BM25, fused score, the
 * cross-encoder's score.
 */
export interface Stages {
  dense?: StageScore;
  bm25?: StageScore;
  fusion?: StageScore;
  rerank?: StageScore;
}

export const STAGE_NAMES = ['dense', 'bm25', 'fusion', 'rerank'] as const satisfies (keyof Stages)[];

/** A row of a version with the score of each stage. `score` is that of the last one. */
export interface StagedRow extends ScoredRow {
  stages: Stages;
}

/** A chunk that was found. */
export interface StagedHit {
  rank: number;
  /** The chunk's score in the last stage. */
  score: number;
  chunkId: string;
  docId: string;
  title?: string;
  text: string;
  /** The metadata of its document. */
  metadata?: Record<string, unknown>;
  stages: Stages;
}
