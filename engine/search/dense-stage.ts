import { metricOf } from '../../core/similarity.js';
import type { OpenIndex } from '../index/open-index.js';
import type { Embedder } from '../model/embedder.js';
import { assertSameSpace } from '../version/assert-same-space.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { exactRows } from './exact-rows.js';
import { indexedRows } from './indexed-rows.js';
import type { NearestOptions, NearestRows } from './nearest-rows.js';

/** Finds the rows nearest to a query, and says how many tokens of the query the model read. */
export type DenseStage = (
  query: string,
  options: NearestOptions,
) => Promise<NearestRows & { queryTokens: number }>;

/**
 * Returns a stage that finds rows by comparing the query with every vector in the model's own
 * similarity, or by an index of the version, whose scores are in the index's metric. Errors of the
 * stage: those of the model; CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED. Errors:
 * FINGERPRINT_MISMATCH where the model is not the version's.
 */
export function denseStage(version: ReadableVersion, embedder: Embedder, index?: OpenIndex): DenseStage {
  assertSameSpace(version, embedder);
  return async (query, options) => {
    const { vectors, tokens: queryTokens } = await embedder.embed([query], { prompt: 'query' });
    const found = index
      ? await indexedRows(version, index, vectors, options)
      : await exactRows(version, metricOf(version.manifest.signature), vectors, options);
    return { ...found, queryTokens };
  };
}
