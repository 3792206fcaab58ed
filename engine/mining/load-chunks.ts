import type { ChunkRow } from '../../core/chunk.js';
import { spanOf } from '../../core/mining/query-text.js';
import { firstRowsOf } from '../../core/row-numbers.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { MiningRun } from './open-mining.js';

/** A chunk, with the key of the vector file that holds its vector. */
export interface LoadedChunk
  extends Pick<ChunkRow, 'chunkId' | 'docId' | 'rowKey' | 'textSha256' | 'text' | 'title'> {
  /** The span of the document, without the prefix that is embedded with it. */
  span: string;
  vectorFile: string;
}

/**
 * Loads the chunks of these rows. Each chunk file that holds one of them is read once. Errors:
 * those of reading a version's files.
 */
export async function loadChunks(
  { store, manifest }: ReadableVersion,
  rows: ReadonlySet<number>,
  { signal, onProgress }: MiningRun,
): Promise<Map<number, LoadedChunk>> {
  const starts = firstRowsOf(manifest.vectorFiles);
  const sorted = Uint32Array.from(rows).sort();
  const isPrefixed = manifest.chunking.prefix.length > 0;
  const loaded = new Map<number, LoadedChunk>();
  let at = 0;
  for (const [index, file] of manifest.chunkFiles.entries()) {
    const end = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    if (at === sorted.length) break;
    if (sorted[at]! >= end) continue;
    throwIfStopped(signal);
    const chunks = readChunkFile(await readListedFile(store, file), `${store.root}/${file.key}`).rows;
    const vectorFile = manifest.vectorFiles[index]!.key;
    for (; at < sorted.length && sorted[at]! < end; at += 1) {
      const { chunkId, docId, rowKey, textSha256, text, title, charStart, charEnd } =
        chunks[sorted[at]! - starts[index]!]!;
      loaded.set(sorted[at]!, {
        chunkId,
        docId,
        rowKey,
        textSha256,
        text,
        span: isPrefixed ? spanOf(text, charEnd - charStart) : text,
        vectorFile,
        ...(title === undefined ? {} : { title }),
      });
    }
    onProgress(at, sorted.length);
  }
  return loaded;
}
