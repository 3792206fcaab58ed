import type { ColumnMetaData, DecodedArray, PageHeader, SchemaTree } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert } from 'hyparquet/src/convert.js';
import type { ByteRange } from '../../store/object-store.js';
import { ByteReader } from '../byte-reader.js';
import { columnDecoder } from './column-decoder.js';

/** A page header takes some tens of bytes, unless its statistics hold long strings. */
const HEADER_BYTES = 1024;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/**
 * Yields the values of one flat column chunk, page by page, in row order: one array for each data
 * page. Holds the chunk's dictionary and one page, whatever the size of the row group. Throws if
 * the chunk does not match its headers.
 */
export async function* readColumnPages(
  bytes: AsyncIterable<Uint8Array>,
  column: { schemaPath: SchemaTree[]; chunk: ColumnMetaData; asText: boolean },
): AsyncGenerator<DecodedArray> {
  const { schemaPath, chunk, asText } = column;
  const decoder = columnDecoder(schemaPath, chunk, asText);
  const reader = new ByteReader(bytes);
  let dictionary: DecodedArray | undefined;
  let rows = 0;
  try {
    while (rows < Number(chunk.num_values)) {
      const header = await readHeader(reader);
      const page = await reader.take(header.compressed_page_size);
      // Some writers put index pages between the data pages; these hold no values.
      if (header.type === 'INDEX_PAGE') continue;
      const view = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
      const { data } = readPage(view, header, decoder, dictionary, undefined, 0);
      if (header.type === 'DICTIONARY_PAGE') {
        dictionary = data && convert(data, decoder);
      } else if (data) {
        rows += data.length;
        yield data;
      }
    }
  } finally {
    await reader.close();
  }
}

/** Returns where a column chunk lies in its object. */
export function chunkRange({
  dictionary_page_offset: dictionary,
  data_page_offset: data,
  total_compressed_size: bytes,
}: ColumnMetaData): ByteRange {
  // Some writers give 0 for a dictionary that does not exist.
  const start = Number(dictionary && dictionary < data ? dictionary : data);
  return { start, end: start + Number(bytes) };
}

async function readHeader(reader: ByteReader): Promise<PageHeader> {
  for (let size = HEADER_BYTES; ; size *= 8) {
    const bytes = await reader.peek(size);
    const state = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    let header: PageHeader;
    try {
      header = parquetHeader(state);
    } catch (error) {
      // The header may go on beyond the bytes that were peeked at.
      if (bytes.length < size || size > MAX_HEADER_BYTES) throw error;
      continue;
    }
    await reader.take(state.offset);
    if (!(header.compressed_page_size >= 0)) throw new Error('a page of negative size');
    return header;
  }
}
