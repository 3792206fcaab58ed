import type { IndexMetric } from '../../core/index/index-options.js';
import type { ModelSignature } from '../../core/model-signature.js';
import { metricOf } from '../../core/similarity.js';
import { indexError } from './index-errors.js';

/** What an index compares by where nobody says it: what the model's vectors are compared by. Errors: USAGE where no index does. */
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

/** A sentence for an index that compares by something else than its model; undefined for all others. */
export function otherMetric(
  { name, similarity, normalize }: ModelSignature,
  metric: IndexMetric,
): string | undefined {
  if (similarity === undefined || metricOf({ similarity, normalize }) === metric) return undefined;
  return `scores are by ${metric}, and ${name} compares its vectors by ${similarity} (its similarity_fn_name)`;
}
