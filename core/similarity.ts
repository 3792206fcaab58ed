/** Measures of how near two vectors are, by the names that sentence-transformers gives them. */
export const SIMILARITIES = ['cosine', 'dot', 'euclidean', 'manhattan'] as const;
export type Similarity = (typeof SIMILARITIES)[number];

/**
 * The metrics by which scores are computed. A higher score is always nearer, so distances have
 * their sign turned.
 */
export const SCORE_METRICS = ['cosine', 'dot', 'l2', 'l1'] as const;
export type ScoreMetric = (typeof SCORE_METRICS)[number];

const METRICS: Readonly<Record<Similarity, ScoreMetric>> = {
  cosine: 'cosine',
  dot: 'dot',
  euclidean: 'l2',
  manhattan: 'l1',
};

/**
 * The settings that decide how vectors are compared. A model that names no similarity means the
 * cosine.
 */
export interface ComparedVectors {
  similarity?: Similarity | undefined;
  /** Whether vectors have length 1. */
  normalize: boolean;
}

/**
 * Returns the metric for a model's vectors. For vectors of length 1 the product equals the cosine
 * and is used instead.
 */
export function metricOf({ similarity = 'cosine', normalize }: ComparedVectors): ScoreMetric {
  return similarity === 'dot' && normalize ? 'cosine' : METRICS[similarity];
}
