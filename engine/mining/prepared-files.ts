import { preparedRows } from '../../core/metrics/prepared-score.js';
import { firstRowsOf } from '../../core/row-numbers.js';
import { metricOf } from '../../core/similarity.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { readVectorFile } from '../parquet/vector-file.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { MiningRun } from './open-mining.js';

/**
 * Yields the rows of every vector file, of any precision, prepared for `preparedScore` with the
 * version's metric. The next file is fetched meanwhile. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED,
 * OBJECT_NOT_FOUND, CANCELLED.
 */
export async function* preparedFiles(
  { store, manifest }: ReadableVersion,
  { signal, onProgress }: MiningRun,
): AsyncGenerator<{ vectors: Float32Array; firstRow: number }> {
  const { vectorFiles } = manifest;
  const starts = firstRowsOf(vectorFiles);
  const metric = metricOf(manifest.signature);
  const fetch = (index: number) => {
    const file = vectorFiles[index];
    const bytes = file && readListedFile(store, file);
    // This is awaited one file later. Until then, nothing else would handle its failure.
    bytes?.catch(() => undefined);
    return bytes;
  };
  let next = fetch(0);
  for (const [index, file] of vectorFiles.entries()) {
    throwIfStopped(signal);
    const bytes = await next!;
    next = fetch(index + 1);
    const { vectors, dimensions } = readVectorFile(bytes, `${store.root}/${file.key}`);
    yield { vectors: preparedRows(vectors, metric, dimensions), firstRow: starts[index]! };
    onProgress(index + 1, vectorFiles.length);
  }
}
