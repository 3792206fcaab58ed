import { gzipSync } from 'node:zlib';
import { Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { Table as WasmTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm/node';
import { type CorpusEntry, type CorpusFile, type CorpusState, isPage, textOf } from './corpus-state.js';

/** The column that holds tags. */
export const TAG_COLUMN = 'tag';

/** The rows of a group, so that even a small Parquet file can be cut. */
const ROWS_PER_GROUP = 3;

/** Returns the objects of a corpus by their paths. */
export function objectsOf({ format, files }: CorpusState): Map<string, Uint8Array> {
  return new Map(
    files.flatMap((file) => (format === 'text' ? textObjects(file) : [tableObject(file, format)])),
  );
}

function tableObject(
  { name, gzip, entries }: CorpusFile,
  format: Exclude<CorpusState['format'], 'text'>,
): [string, Uint8Array] {
  if (format === 'parquet') return [`${name}.parquet`, parquetOf(entries)];
  const lines: readonly Uint8Array[] =
    format === 'jsonl'
      ? entries.map(jsonLine)
      : [utf8(`_id,title,text,${TAG_COLUMN}`), ...entries.map(csvLine)];
  const bytes = Buffer.concat(lines.flatMap((line) => [line, utf8('\n')]));
  return gzip ? [`${name}.${format}.gz`, gzipSync(bytes)] : [`${name}.${format}`, bytes];
}

/** Each entry is an object of its own. Of two pages of a file with one id, the last one counts. */
function textObjects({ name, gzip, entries }: CorpusFile): [string, Uint8Array][] {
  return entries.map((entry, place) => {
    const [path, bytes] = isPage(entry)
      ? entry.title === ''
        ? [`${entry.id}.txt`, utf8(textOf(entry.text))]
        : [`${entry.id}.md`, utf8(`# ${entry.title}\n\n${textOf(entry.text)}`)]
      : [`fault-${place}.txt`, entry.fault === 'no text' ? utf8(' \n') : Uint8Array.of(0x61, 0xff, 0xfe)];
    return gzip ? [`${name}/${path}.gz`, gzipSync(bytes)] : [`${name}/${path}`, bytes];
  });
}

function jsonLine(entry: CorpusEntry): Uint8Array {
  if (isPage(entry)) {
    const { id, title, text, tag } = entry;
    return utf8(
      JSON.stringify({
        _id: id,
        ...(title !== '' && { title }),
        text: textOf(text),
        ...(tag !== '' && { [TAG_COLUMN]: { name: tag, length: tag.length } }),
      }),
    );
  }
  switch (entry.fault) {
    case 'syntax':
      return utf8('{"_id": "cut');
    case 'no id':
      return utf8('{"text": "without an id"}');
    case 'no text':
      return utf8('{"_id": "d1", "text": " "}');
    case 'bytes':
      return Uint8Array.of(0x7b, 0xff, 0x7d);
  }
}

function csvLine(entry: CorpusEntry): Uint8Array {
  if (isPage(entry)) return utf8([entry.id, entry.title, `"${textOf(entry.text)}"`, entry.tag].join(','));
  switch (entry.fault) {
    case 'syntax':
      return utf8('too,short');
    case 'no id':
      return utf8(',,without an id,');
    case 'no text':
      return utf8('d1,, ,');
    case 'bytes':
      return Buffer.concat([utf8('d2,,'), Uint8Array.of(0xff), utf8(',')]);
  }
}

function parquetOf(entries: readonly CorpusEntry[]): Uint8Array {
  const column = (textIn: (entry: CorpusEntry) => string | null) =>
    vectorFromArray(entries.map(textIn), new Utf8());
  const table = new Table({
    _id: column((entry) => (isPage(entry) ? entry.id : entry.fault === 'no id' ? null : 'd1')),
    title: column((entry) => (isPage(entry) && entry.title !== '' ? entry.title : null)),
    text: column((entry) => (isPage(entry) ? textOf(entry.text) : entry.fault === 'no text' ? ' ' : null)),
    [TAG_COLUMN]: column((entry) => (isPage(entry) && entry.tag !== '' ? entry.tag : null)),
  });
  const properties = new WriterPropertiesBuilder().setMaxRowGroupSize(ROWS_PER_GROUP).build();
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream')), properties);
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
