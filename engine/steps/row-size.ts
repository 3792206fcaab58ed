import type { ChunkRow } from '../../core/chunk.js';
import type { RowSize } from '../../core/part.js';

/** Returns the amounts that a row adds to its part. */
export function rowSize({
  nTokens,
  text,
  docId,
  title = '',
  metadata = '',
}: Omit<ChunkRow, 'rowKey'>): RowSize {
  // The document's id is counted twice because the chunk's id contains it.
  const besideBytes = 2 * Buffer.byteLength(docId) + Buffer.byteLength(title) + Buffer.byteLength(metadata);
  return { nTokens, textBytes: Buffer.byteLength(text), besideBytes };
}
