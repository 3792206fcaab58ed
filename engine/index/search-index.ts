import { splitRowKey } from '../../core/ids.js';
import type { Neighbour } from '../../core/index/neighbour.js';
import type { Embedder } from '../model/embedder.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readListedFile } from '../steps/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { assertSameSpace, type SearchHit } from '../version/search-version.js';
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

/**
 * The chunks nearest to a query text by an index, with the score of the index's metric.
 * Errors: FINGERPRINT_MISMATCH when the query model is not the version's; as of `searchIndex`.
 */
export async function searchByIndex(
  version: ReadableVersion,
  index: OpenIndex,
  { embedder, query, k }: { embedder: Embedder; query: string; k: number },
): Promise<SearchHit[]> {
  assertSameSpace(version, embedder);
  const { vectors } = await embedder.embed([query], { prompt: 'query' });
  return hitsOf(version, await searchIndex(version, index, vectors, k));
}

/** The chunks of found rows, in their order. Errors: CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED. */
async function hitsOf(
  { store, manifest }: ReadableVersion,
  neighbours: readonly Neighbour[],
): Promise<SearchHit[]> {
  const hits: SearchHit[] = [];
  for (const file of manifest.chunkFiles) {
    const [first, last] = [BigInt(file.firstKey), BigInt(file.lastKey)];
    const inside = [...neighbours.entries()].filter(([, { rowKey }]) => first <= rowKey && rowKey <= last);
    if (inside.length === 0) continue;
    const { rows } = readChunkFile(await readListedFile(store, file), `${store.root}/${file.key}`);
    for (const [index, { rowKey, score }] of inside) {
      const { chunkId, docId, title, text } = rows[splitRowKey(rowKey).row - file.start]!;
      hits.push({ rank: index + 1, score, chunkId, docId, ...(title === undefined ? {} : { title }), text });
    }
  }
  return hits.sort((a, b) => a.rank - b.rank);
}
