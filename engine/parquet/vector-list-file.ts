import { maxOf } from '../../core/extremes.js';
import type { VectorPartFile } from '../../core/part.js';
import { asTheyCame, type ColumnKeeper } from './column-memory.js';
import type { ColumnReader } from './column-reader.js';
import { bytesColumn, nullableUint32Column, uint32Column } from './columns.js';
import type { Footer } from './footer.js';
import { joinLists, type Listed } from './joined-lists.js';
import { float64Column } from './list-columns.js';
import { hexAt, SHA256_BYTES, sha256BytesOf, uint32Of } from './list-values.js';
import { readRowGroups, writeParquetFile } from './parquet-file.js';

const FORMAT = 'vector-list/1';

/** A vector file as the list of an output says it. Its rows are those of the part at its place. */
export interface ListedVectors
  extends Pick<VectorPartFile, 'sha256' | 'bytes' | 'minNorm' | 'maxNorm' | 'billedTokens'> {
  /** The place, in the manifest's `origins`, of the version below which the vector file lies. */
  origin: number;
}

/** The vector files of an output, or of one piece of its list, by their place. */
export interface VectorList extends Listed<ListedVectors> {
  /** The greatest of the origins, where there are files. */
  lastOrigin: number;
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
 * Reads a piece of an output's list. `file` names it in errors. A file takes about 56 bytes of
 * memory, which are kept by `keeper`. Errors: FILE_DAMAGED.
 */
export function readVectorListFile(bytes: Uint8Array, file: string, keeper = asTheyCame): VectorList {
  const groups = readRowGroups(bytes, file, FORMAT);
  return joinVectorLists(Array.from(groups, (columns) => vectorsIn(columns, keeper)));
}

/** Makes one list of several. */
export function joinVectorLists(lists: readonly VectorList[]): VectorList {
  const { length, at } = joinLists<ListedVectors, VectorList>(lists);
  return { length, at, lastOrigin: maxOf(lists.map(({ lastOrigin }) => lastOrigin)) };
}

function vectorsIn(columns: ColumnReader, keeper: ColumnKeeper): VectorList {
  const origins = keeper.keepNarrow(columns.uint32('origin'));
  const hashes = keeper.keep(columns.bytes('sha256', SHA256_BYTES));
  const bytesOfFiles = keeper.keep(columns.uint32('bytes'));
  const minNorms = keeper.keep(columns.float64('min_norm'));
  const maxNorms = keeper.keep(columns.float64('max_norm'));
  const billed = columns.hasValues('billed_tokens') ? columns.nullableUint32('billed_tokens') : [];
  return {
    length: columns.rows,
    lastOrigin: maxOf(origins),
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
