import type { IndexRequest } from '../../../core/index/choose-parameters.js';
import type { IndexManifest } from '../../../core/index/index-manifest.js';
import { planIndex } from '../../../engine/index/build-index.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { buildIndexLocally } from '../../../local/build-index.js';
import { oneAttempt } from '../../support/one-attempt.js';

/** Options that give small graphs, whatever the size of the index. */
export const SMALL_GRAPHS: IndexRequest = {
  metric: 'cosine',
  recallTarget: 0.9,
  exactBelow: 0,
  shardRows: 100,
};

/** Plans and builds an index completely, by one thread, which gives the same graphs each time. */
export async function build(
  version: ReadableVersion,
  name: string,
  request: IndexRequest,
  threads = 1,
): Promise<{ manifest: IndexManifest; reused: number }> {
  return buildIndexLocally(version, await planIndex(version, name, request), {
    threads,
    signal: new AbortController().signal,
    onRows: () => {},
    onGate: () => {},
    onRetry: oneAttempt,
  });
}
