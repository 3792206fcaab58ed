import type { VectorPartFile } from '../../core/part.js';
import { bytesColumn, nullableUint32Column, uint32Column } from './columns.js';
import type { Footer } from './footer.js';
import { float64Column } from './list-columns.js';
import { hexAt, SHA256_BYTES, sha256BytesOf, uint32Of } from './list-values.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'vector-list/1';

/** A vector file as the list of an output says it. Its rows are those of the part at its place. */
export interface ListedVectors
  extends Pick<VectorPartFile, 'sha256' | 'bytes' | 'minNorm' | 'maxNorm' | 'billedTokens'> {
  /** The place, in the manifest's `origins`, of the version below which the vector file lies. */
  origin: number;
}

/** The vector files of one piece of an output's list, by their place in it. */
export interface VectorList {
  length: number;
  at(place: number): ListedVectors;
}

/** Writes a row for each vector file, in the order of the part list. */
export function writeVectorListFile(files: readonly ListedVectors[], footer: Footer): Uint8Array {
  const columns = [
    uint32Column(
      'origin',
      uint32Of(files, ({ origin }) => origin),
    ),
    bytesColumn('sha256', sha256BytesOf(files), SHA256_BYTES),
    uint32Column(
      'bytes',
      uint32Of(files, ({ bytes }) => bytes),
    ),
    float64Column(
      'min_norm',
      files.map(({ minNorm }) => minNorm),
    ),
    float64Column(
      'max_norm',
      files.map(({ maxNorm }) => maxNorm),
    ),
    nullableUint32Column(
      'billed_tokens',
      files.map(({ billedTokens }) => billedTokens),
    ),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: [] });
}

/**
 * Reads a piece of an output's list. `file` names it in errors. A file takes 56 bytes of memory.
 * Errors: FILE_DAMAGED.
 */
export function readVectorListFile(bytes: Uint8Array, file: string): VectorList {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  // The columns are views of one buffer, of which nothing is kept.
  const origins = columns.uint32('origin').slice();
  const hashes = columns.bytes('sha256', SHA256_BYTES).slice();
  const bytesOfFiles = columns.uint32('bytes').slice();
  const minNorms = columns.float64('min_norm').slice();
  const maxNorms = columns.float64('max_norm').slice();
  const all = columns.nullableUint32('billed_tokens');
  const billed = all.some((tokens) => tokens !== undefined) ? all : [];
  return {
    length: columns.rows,
    at: (place) => ({
      origin: origins[place]!,
      sha256: hexAt(hashes, place, SHA256_BYTES),
      bytes: bytesOfFiles[place]!,
      minNorm: minNorms[place]!,
      maxNorm: maxNorms[place]!,
      ...(billed[place] === undefined ? {} : { billedTokens: billed[place] }),
    }),
  };
}
