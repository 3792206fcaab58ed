import { preparedRows } from '../../core/metrics/prepared-score.js';
import { metricOf } from '../../core/similarity.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { liveVectorsIn } from '../version/live-rows.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { MiningRun } from './open-mining.js';

/**
 * Yields the live rows of every vector file, of any precision, prepared for `preparedScore` with
 * the version's metric. The next file is fetched meanwhile. Errors: CHECKSUM_MISMATCH,
 * FILE_DAMAGED, OBJECT_NOT_FOUND, CANCELLED.
 */
export async function* preparedFiles(
  version: ReadableVersion,
  { signal, onProgress }: MiningRun,
): AsyncGenerator<{ vectors: Float32Array; chunkIds: readonly string[]; firstRow: number }> {
  const { parts, manifest } = version;
  const metric = metricOf(manifest.signature);
  const fetch = (place: number) => {
    const part = parts.at(place);
    const bytes = part && readListedFile(version.store, part.vectors);
    // This is awaited one file later. Until then, nothing else would handle its failure.
    bytes?.catch(() => undefined);
    return bytes;
  };
  let next = fetch(0);
  let done = 0;
  for (const part of parts) {
    throwIfStopped(signal);
    const bytes = await next!;
    done += 1;
    next = fetch(done);
    const { vectors, chunkIds, dimensions } = liveVectorsIn(version, part, bytes);
    yield { vectors: preparedRows(vectors, metric, dimensions), chunkIds, firstRow: part.firstRow };
    onProgress(done, parts.length);
  }
}
