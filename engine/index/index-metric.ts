import type { IndexMetric } from '../../core/index/index-options.js';
import type { ModelSignature } from '../../core/model-signature.js';
import { metricOf } from '../../core/similarity.js';
import { indexError } from './index-errors.js';

/**
 * Returns the metric of an index. Without a metric that the user asked for, it is the model's own.
 * Errors: USAGE where the model compares its vectors by a metric that no index has.
 */
export function metricOfIndex(signature: ModelSignature, asked: IndexMetric | undefined): IndexMetric {
  if (asked !== undefined) return asked;
  const metric = metricOf(signature);
  if (metric !== 'l1') return metric;
  throw indexError(
    'USAGE',
    `${signature.name} compares its vectors by ${signature.similarity} (its similarity_fn_name), and no index does`,
    'Search without an index, which compares with every vector, or name another metric; its nearest rows are others.',
  );
}

/**
 * Returns a sentence for an index that compares by another metric than its model, and undefined for
 * every other index.
 */
export function otherMetric(
  { name, similarity, normalize }: ModelSignature,
  metric: IndexMetric,
): string | undefined {
  if (similarity === undefined || metricOf({ similarity, normalize }) === metric) return undefined;
  return `scores are by ${metric}, and ${name} compares its vectors by ${similarity} (its similarity_fn_name)`;
}
