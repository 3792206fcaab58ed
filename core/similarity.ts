/** How near two vectors are, by the names that sentence-transformers gives it. */
export const SIMILARITIES = ['cosine', 'dot', 'euclidean', 'manhattan'] as const;
export type Similarity = (typeof SIMILARITIES)[number];

/**
 * What scores are computed by; higher is nearer in each, so that distances have their sign turned.
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
 * Which vectors are compared, and how the model that made them says so; a model that says nothing
 * means the cosine.
 */
export interface ComparedVectors {
  similarity?: Similarity | undefined;
  /** Whether vectors have length 1. */
  normalize: boolean;
}

/**
 * What a model's vectors are compared by. For vectors of length 1 the product is the cosine, and is
 * taken for it.
 */
export function metricOf({ similarity = 'cosine', normalize }: ComparedVectors): ScoreMetric {
  return similarity === 'dot' && normalize ? 'cosine' : METRICS[similarity];
}
