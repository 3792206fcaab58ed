import { VectormillError } from '../../core/errors.js';
import { metricOf } from '../../core/similarity.js';
import type { OpenIndex } from '../index/open-index.js';
import type { Embedder } from '../model/embedder.js';
import type { Fusion } from './fuse-stages.js';

/**
 * Checks that scores can be weighed, which only cosines and BM25 scores can. Errors: USAGE for
 * weights where the scores of the index, or of the model, are not cosines.
 */
export function assertWeighable(
  { mode, fusion }: { mode: string; fusion: Fusion },
  { signature }: Pick<Embedder, 'signature'>,
  index?: OpenIndex,
): void {
  if (mode !== 'hybrid' || fusion.kind === 'rrf') return;
  const metric = index?.manifest.graph.metric ?? metricOf(signature);
  if (metric === 'cosine') return;
  const [whose, remedy] = index
    ? [`the index ${index.manifest.name} scores by ${metric}`, ', or an index built with --metric cosine']
    : [`${signature.name} compares by ${signature.similarity} (its similarity_fn_name)`, ''];
  throw new VectormillError('USAGE', `--fusion alpha weighs cosines, and ${whose}`, {
    component: 'search',
    remedy: `Give --fusion rrf${remedy}.`,
  });
}
