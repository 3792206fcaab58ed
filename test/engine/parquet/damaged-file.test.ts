import { describe, expect, test } from 'vitest';
import { isVectormillError } from '../../../core/errors.js';
import { readChunkFile, writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readVectorFile, writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { sampleChunkRows, vectorRows } from './sample-rows.js';

const kinds = [
  { kind: 'chunk', bytes: writeChunkFile(sampleChunkRows(300), { shard: '3' }), read: readChunkFile },
  { kind: 'vector', bytes: writeVectorFile(vectorRows(300, 16), { shard: '3' }), read: readVectorFile },
];

/**
 * Any such file is FILE_DAMAGED or gives rows. Not every changed byte is detected here; the sha256
 * in the file's commit does that.
 */
function outcome(read: (bytes: Uint8Array, file: string) => unknown, bytes: Uint8Array): string {
  try {
    read(bytes, 'part.parquet');
    return 'rows';
  } catch (error) {
    return isVectormillError(error) && error.file === 'part.parquet' ? error.code : String(error);
  }
}

describe.each(kinds)('a $kind file', ({ bytes, read }) => {
  test('cut short at any sixteenth is FILE_DAMAGED', () => {
    for (let part = 0; part < 16; part += 1) {
      const cut = bytes.subarray(0, Math.floor((bytes.byteLength * part) / 16));
      expect(outcome(read, cut), `${part}/16`).toBe('FILE_DAMAGED');
    }
  });

  test('without its middle is FILE_DAMAGED', () => {
    const half = bytes.byteLength >> 1;
    const spliced = Buffer.concat([bytes.subarray(0, half - 500), bytes.subarray(half)]);
    expect(outcome(read, spliced)).toBe('FILE_DAMAGED');
  });

  test('with any byte overwritten is FILE_DAMAGED or still decodes, and good files can be read after it', () => {
    const seen = new Set<string>();
    const step = Math.floor(bytes.byteLength / 60);
    for (let position = 0; position < bytes.byteLength; position += step) {
      const flipped = bytes.slice();
      flipped[position]! ^= 0xff;
      seen.add(outcome(read, flipped));
    }
    expect([...seen].sort()).toEqual(['FILE_DAMAGED', 'rows']);
    expect(outcome(read, bytes)).toBe('rows');
  });

  test('with any byte of its footer overwritten is FILE_DAMAGED or still decodes', () => {
    const seen = new Set<string>();
    for (let position = bytes.byteLength - 300; position < bytes.byteLength; position += 7) {
      const flipped = bytes.slice();
      flipped[position]! ^= 0xff;
      seen.add(outcome(read, flipped));
    }
    expect(seen).toContain('FILE_DAMAGED');
    expect([...seen].filter((code) => code !== 'rows' && code !== 'FILE_DAMAGED')).toEqual([]);
  });
});

test('the error names the file and what to do, and quotes nothing of the rows', () => {
  const bytes = writeChunkFile(sampleChunkRows(3), {});
  try {
    readChunkFile(bytes.subarray(0, 200), 's3://bucket/part.parquet');
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      code: 'FILE_DAMAGED',
      file: 's3://bucket/part.parquet',
      component: 'parquet',
    });
    expect(String(error)).not.toContain('Zeile');
  }
});
