import type { ChunkRow } from '../../core/chunk.js';
import { spanOf } from '../../core/mining/query-text.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { readLiveChunks } from '../version/live-rows.js';
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
  version: ReadableVersion,
  rows: ReadonlySet<number>,
  { signal, onProgress }: MiningRun,
): Promise<Map<number, LoadedChunk>> {
  const sorted = Uint32Array.from(rows).sort();
  const isPrefixed = version.manifest.chunking.prefix.length > 0;
  const loaded = new Map<number, LoadedChunk>();
  let at = 0;
  for (const part of version.parts) {
    const end = part.firstRow + part.rows;
    if (at === sorted.length) break;
    if (sorted[at]! >= end) continue;
    throwIfStopped(signal);
    const chunks = await readLiveChunks(version, part);
    const vectorFile = part.vectors.key;
    for (; at < sorted.length && sorted[at]! < end; at += 1) {
      const { chunkId, docId, rowKey, textSha256, text, title, charStart, charEnd } =
        chunks[sorted[at]! - part.firstRow]!;
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
