import {
  type DecodedArray,
  type FileMetaData,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { assembleNested } from 'hyparquet/src/assemble.js';
import { readColumn } from 'hyparquet/src/column.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import type { ByteRange } from '../../store/object-store.js';
import { columnDecoder } from './column-decoder.js';
import { chunkRange } from './parquet-pages.js';
import { PARSERS } from './parquet-values.js';

/**
 * Returns the values of a column of any type in one row group, one for each row. `column` is a
 * child of the schema's root. Throws if a chunk does not match its headers.
 */
export async function readWholeColumn(
  { metadata, group }: { metadata: FileMetaData; group: RowGroup },
  { column, asText }: { column: SchemaTree; asText: boolean },
  fetch: (range: ByteRange) => Promise<Uint8Array>,
): Promise<DecodedArray> {
  const { name } = column.element;
  const root = parquetSchema(metadata);
  const rows = Number(group.num_rows);
  const leaves = new Map<string, DecodedArray>();
  for (const { meta_data: chunk, file_path: elsewhere } of group.columns) {
    if (chunk?.path_in_schema[0] !== name) continue;
    if (elsewhere) throw new Error('a column chunk is not in this object');
    const bytes = await fetch(chunkRange(chunk));
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    const decoder = columnDecoder(getTreePath(root, chunk.path_in_schema), chunk, asText);
    const select = { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows };
    leaves.set(chunk.path_in_schema.join('.'), joined(readColumn(reader, select, decoder).data));
  }
  assembleNested(leaves, column, PARSERS);
  const values = leaves.get(name);
  if (values === undefined || values.length < rows)
    throw new Error('a column chunk holds fewer rows than its row group');
  return values;
}

function joined(pages: readonly DecodedArray[]): DecodedArray {
  return pages.length === 1 ? pages[0]! : pages.flatMap((page) => Array.from(page as ArrayLike<unknown>));
}
