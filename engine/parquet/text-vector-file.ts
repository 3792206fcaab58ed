import { utf8Column, vectorColumn } from './columns.js';
import type { Footer } from './footer.js';
import { writeParquet } from './parquet-file.js';

/** One vector a text; `vectors` is row-major `[rows, dimensions]`. */
export interface TextVectors {
  ids: readonly string[];
  vectors: Float32Array;
  dimensions: number;
}

/** What `encode` writes: columns `id` and `vector`, in the order given. Error: INTERNAL for more than one file may hold. */
export function writeTextVectorFile({ ids, vectors, dimensions }: TextVectors, footer: Footer): Uint8Array {
  const columns = [utf8Column('id', ids), vectorColumn('vector', vectors, dimensions)];
  return writeParquet(columns, { format: 'text-vectors/1', footer, keyColumns: ['id'] });
}
