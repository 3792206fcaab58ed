import { preparedScore } from '../../core/metrics/prepared-score.js';
import type { ScoreMetric } from '../../core/similarity.js';
import { TopK } from '../../core/top-k.js';
import { type BlockTopK, type TopKBlocks, TopKSession } from './top-k-session.js';

/**
 * Opens what finds the best rows of a block. Products are computed by a graph. Distances are
 * computed one by one, because no product gives them exactly.
 */
export async function openTopK(metric: ScoreMetric, dimensions: number): Promise<TopKBlocks> {
  if (metric === 'cosine' || metric === 'dot') return TopKSession.open(dimensions);
  return { nearest: async (...block) => nearestByDistance(metric, dimensions, block), close: async () => {} };
}

function nearestByDistance(
  metric: ScoreMetric,
  dimensions: number,
  [queries, rows, k]: Parameters<TopKBlocks['nearest']>,
): BlockTopK {
  const scoreAt = preparedScore(metric);
  const count = queries.length / dimensions;
  const found: BlockTopK = { scores: new Float32Array(count * k), rows: new Float32Array(count * k) };
  for (let query = 0; query < count; query += 1) {
    const best = new TopK(k);
    for (let row = 0; row * dimensions < rows.length; row += 1) {
      const score = Math.fround(scoreAt(queries, query * dimensions, rows, row * dimensions, dimensions));
      best.offer(score, row);
    }
    for (const [place, { score, row }] of best.sorted().entries()) {
      found.scores[query * k + place] = score;
      found.rows[query * k + place] = row;
    }
  }
  return found;
}
