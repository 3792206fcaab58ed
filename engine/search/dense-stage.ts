import { metricOf } from '../../core/similarity.js';
import type { OpenIndex } from '../index/open-index.js';
import type { Embedder } from '../model/embedder.js';
import { assertSameSpace } from '../version/assert-same-space.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { exactRows } from './exact-rows.js';
import { indexedRows } from './indexed-rows.js';
import type { NearestOptions, NearestRows } from './nearest-rows.js';

/** What finds the rows nearest to a query, and how much of the query was read. */
export type DenseStage = (
  query: string,
  options: NearestOptions,
) => Promise<NearestRows & { queryTokens: number }>;

/**
 * Finds rows by comparing the query with every vector as the version's model says, or by an index of the version, whose
 * metric the scores then are of.
 * The stage's errors: those of the model; CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED.
 * Errors: FINGERPRINT_MISMATCH where the model is not the version's.
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
