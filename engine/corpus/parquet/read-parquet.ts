import { type DecodedArray, parquetSchema, type RowGroup, type SchemaTree } from 'hyparquet';
import type { ColumnMapping } from '../../../core/job-spec.js';
import type { ByteRange } from '../../store/object-store.js';
import { type ByteSource, fetchBytes, streamBytes } from '../byte-source.js';
import { mapColumns } from '../map-columns.js';
import { type RawRecord, type RecordOutcome, tooLarge } from '../raw-record.js';
import { setOwn } from '../set-own.js';
import { asDamaged, openParquet, type ParquetFile } from './open-parquet.js';
import { chunkRange, readColumnPages } from './parquet-pages.js';
import { readWholeColumn } from './whole-column.js';

/** A column chunk up to this size is fetched at once; a larger one is streamed. */
const FETCH_BYTES = 1024 * 1024;

export interface ReadParquetOptions {
  columns: ColumnMapping;
  maxDocumentBytes: number;
}

/** A row group and its first row, counted over the whole object. */
interface GroupInFile {
  source: ByteSource;
  file: ParquetFile;
  group: RowGroup;
  firstRow: number;
}

interface Cursor {
  name: string;
  pages: AsyncGenerator<DecodedArray>;
  page: DecodedArray;
  at: number;
}

/**
 * Yields the rows of row groups `[start, end)` of a Parquet object. Rows that lie in the same page
 * of each column come together. It fetches only the mapped columns and holds one page of each; only
 * a nested column, which metadata can be, is held for a whole row group. Positions are rows of the
 * object.
 * Errors: INPUT_DAMAGED, INPUT_UNSUPPORTED, INPUT_CHANGED.
 */
export async function* readParquet(
  source: ByteSource,
  groups: { start: number; end: number },
  options: ReadParquetOptions,
): AsyncGenerator<RawRecord[]> {
  const file = await openParquet(source, options.columns);
  let firstRow = 0;
  for (const [index, group] of file.metadata.row_groups.entries()) {
    if (index >= groups.start && index < groups.end) {
      yield* readRowGroup({ source, file, group, firstRow }, options);
    }
    firstRow += Number(group.num_rows);
  }
}

async function* readRowGroup(place: GroupInFile, options: ReadParquetOptions): AsyncGenerator<RawRecord[]> {
  const cursors = place.file.columns.map((tree) => openColumn(place, tree, options.columns));
  const rows = Number(place.group.num_rows);
  try {
    for (let row = 0; row < rows; ) {
      for (const cursor of cursors)
        if (cursor.at >= cursor.page.length) await nextPage(place.source.uri, cursor);
      const end = Math.min(rows, row + Math.min(...cursors.map(({ at, page }) => page.length - at)));
      const records: RawRecord[] = [];
      for (; row < end; row += 1)
        records.push({ unit: 'row', at: place.firstRow + row, ...toOutcome(nextRecord(cursors), options) });
      yield records;
    }
  } finally {
    await Promise.all(cursors.map(({ pages }) => pages.return(undefined)));
  }
}

/** Returns the row at which all cursors stand, and moves them to the next one. */
function nextRecord(cursors: readonly Cursor[]): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const cursor of cursors) {
    // To hyparquet, a null inside a nested column's rows is undefined.
    setOwn(record, cursor.name, cursor.page[cursor.at] ?? null);
    cursor.at += 1;
  }
  return record;
}

function openColumn(place: GroupInFile, tree: SchemaTree, columns: ColumnMapping): Cursor {
  const { name, repetition_type } = tree.element;
  const isFlat = tree.children.length === 0 && repetition_type !== 'REPEATED';
  // Bytes that no annotation calls text are read as text where the mapping expects text.
  const asText = !columns.metadata.includes(name);
  const pages = isFlat ? flatColumn(place, tree, asText) : nestedColumn(place, tree);
  return { name, pages, page: [], at: 0 };
}

async function nextPage(uri: string, cursor: Cursor): Promise<void> {
  await asDamaged(uri, 'its Parquet pages cannot be read', async () => {
    do {
      const next = await cursor.pages.next();
      if (next.done) throw new Error('a column chunk holds fewer rows than its row group');
      cursor.page = next.value;
      cursor.at = 0;
    } while (cursor.page.length === 0);
  });
}

function flatColumn(place: GroupInFile, tree: SchemaTree, asText: boolean): AsyncGenerator<DecodedArray> {
  const { source, file, group } = place;
  const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === tree.element.name);
  if (!chunk?.meta_data || chunk.file_path) return failing('a column chunk is not in this object');
  const range = chunkRange(chunk.meta_data);
  const bytes = range.end - range.start <= FETCH_BYTES ? fetched(source, range) : streamBytes(source, range);
  return readColumnPages(bytes, {
    schemaPath: [parquetSchema(file.metadata), tree],
    chunk: chunk.meta_data,
    asText,
  });
}

async function* nestedColumn(place: GroupInFile, tree: SchemaTree): AsyncGenerator<DecodedArray> {
  const { source, file, group } = place;
  const fetch = (range: ByteRange) => fetchBytes(source, range);
  yield await readWholeColumn({ metadata: file.metadata, group }, { column: tree, asText: true }, fetch);
}

async function* fetched(source: ByteSource, range: ByteRange): AsyncGenerator<Uint8Array> {
  yield await fetchBytes(source, range);
}

// biome-ignore lint/correctness/useYield: it fails when it is read, where an error becomes INPUT_DAMAGED
async function* failing(message: string): AsyncGenerator<DecodedArray> {
  throw new Error(message);
}

function toOutcome(record: Record<string, unknown>, options: ReadParquetOptions): RecordOutcome {
  const outcome = mapColumns(record, options.columns);
  if (!('document' in outcome)) return outcome;
  const { maxDocumentBytes } = options;
  const { id, text, title = '' } = outcome.document;
  const isTooLarge = (part: string) =>
    part.length * 3 > maxDocumentBytes && Buffer.byteLength(part) > maxDocumentBytes;
  if (isTooLarge(id)) return tooLarge(maxDocumentBytes);
  return isTooLarge(text) || isTooLarge(title) ? tooLarge(maxDocumentBytes, id) : outcome;
}
