import fc from 'fast-check';
import type { ChunkRow } from '../../../core/chunk.js';
import { rowKey } from '../../../core/ids.js';
import type { VectorRows } from '../../../engine/parquet/vector-file.js';

/** Any well-formed Unicode text, including byte order marks and empty strings. */
export const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\uFEFFmarked', '\0', 'e\u0301', '汉字', '👩‍👩‍👧', 'a\r\nb'),
);

const anyCount = fc.nat({ max: 2 ** 31 - 1 });

export const anyChunkRow: fc.Arbitrary<ChunkRow> = fc.record(
  {
    chunkId: anyText,
    rowKey: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    docId: anyText,
    chunkIndex: anyCount,
    charStart: anyCount,
    charEnd: anyCount,
    nTokens: anyCount,
    truncated: fc.boolean(),
    textSha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    text: anyText,
    title: anyText,
    metadata: fc.json(),
  },
  {
    requiredKeys: [
      'chunkId',
      'rowKey',
      'docId',
      'chunkIndex',
      'charStart',
      'charEnd',
      'nTokens',
      'truncated',
      'textSha256',
      'text',
    ],
  },
);

/**
 * Makes `count` plain rows of shard 3, with a title on every second and metadata on every third.
 */
export function sampleChunkRows(count: number): ChunkRow[] {
  return Array.from({ length: count }, (_, index) => ({
    chunkId: `doc-${index}#0`,
    rowKey: rowKey(3, index),
    docId: `doc-${index}`,
    chunkIndex: 0,
    charStart: index,
    charEnd: index + 40,
    nTokens: 12,
    truncated: index % 5 === 0,
    textSha256: index.toString(16).padStart(64, '0'),
    text: `Zeile ${index}: größer, 更大, больше`,
    ...(index % 2 === 0 ? { title: `Titel ${index}` } : {}),
    ...(index % 3 === 0 ? { metadata: JSON.stringify({ page: index }) } : {}),
  }));
}

/**
 * Makes `count` rows of shard 3. Element `column` of row `row` is (row − column) / 8, which float32
 * holds exactly.
 */
export function vectorRows(count: number, dimensions: number): VectorRows {
  const rows = sampleChunkRows(count);
  return {
    rowKeys: BigUint64Array.from(rows, (row) => row.rowKey),
    chunkIds: rows.map((row) => row.chunkId),
    docIds: rows.map((row) => row.docId),
    textSha256: rows.map((row) => row.textSha256),
    vectors: Float32Array.from(
      { length: count * dimensions },
      (_, index) => (Math.floor(index / dimensions) - (index % dimensions)) / 8,
    ),
    dimensions,
    encoding: { precision: 'float32' },
  };
}
