import type { Neighbour } from '../../core/index/neighbour.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { searchExactly } from './exact-search.js';
import { searchGraphs } from './graph-search.js';
import { indexError } from './index-errors.js';
import type { OpenIndex } from './open-index.js';

/**
 * The `k` rows nearest to a query vector `[dimensions]`, best first; all rows where there are fewer than `k`. Scores are
 * of the index's metric, computed with the version's own vectors. Errors: INDEX_MISMATCH for a vector of other
 * dimensions; CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED for the version's vector files.
 */
export async function searchIndex(
  version: ReadableVersion,
  { manifest, graphs, source, worker }: OpenIndex,
  queryVector: Float32Array,
  k: number,
): Promise<Neighbour[]> {
  const { graph, search } = manifest;
  if (queryVector.length !== graph.dimensions) {
    throw indexError(
      'INDEX_MISMATCH',
      `the query has ${queryVector.length} dimensions, the index ${manifest.name} ${graph.dimensions}`,
      'Embed the query with the model that the version was embedded with.',
    );
  }
  const wanted = Math.min(k, manifest.source.rows);
  if (!worker)
    return searchGraphs({ graphs, parameters: graph }, source, queryVector, {
      k: wanted,
      oversampling: search.oversampling,
    });
  const files = version.manifest.vectorFiles;
  const [found = []] = await searchExactly(
    { worker, files, read: (file) => source.read(file) },
    queryVector.slice(),
    graph,
    wanted,
  );
  return found;
}
