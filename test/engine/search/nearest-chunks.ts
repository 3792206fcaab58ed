import type { Embedder } from '../../../engine/model/embedder.js';
import { denseStage } from '../../../engine/search/dense-stage.js';
import { searchStages } from '../../../engine/search/search-stages.js';
import type { StagedHit } from '../../../engine/search/staged-hit.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';

/** Returns the chunks nearest to a query by exact cosine. */
export async function nearestChunks(
  version: ReadableVersion,
  embedder: Embedder,
  query: string,
  top: number,
): Promise<StagedHit[]> {
  const dense = denseStage(version, embedder);
  const { hits } = await searchStages(version, {
    query,
    top,
    candidates: top,
    retrieval: { mode: 'dense', dense },
  });
  return hits;
}
