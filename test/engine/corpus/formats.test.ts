import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { Table as WasmTable, writeParquet } from 'parquet-wasm/node';
import { type CorpusFormat, describeCorpusFormat, type Said } from './format-contract.js';

const byNumber = (index: number) => `d${index}`;
const withIds = (documents: readonly Said[]) =>
  documents.map((said, index) => ({ _id: byNumber(index), ...said }));

function lines(documents: readonly Said[]): string {
  return withIds(documents)
    .map((record) => JSON.stringify(record))
    .join('\n');
}

/** Returns a header and a row a document; fields are quoted where `quotes` says so. */
function table(documents: readonly Said[], delimiter: string, quotes: boolean): string {
  const field = (value: string) => (quotes ? `"${value.replaceAll('"', '""')}"` : value);
  const rows = withIds(documents).map(({ _id, title, text }) => [_id, title, text].map(field));
  return [['_id', 'title', 'text'], ...rows].map((row) => row.join(delimiter)).join('\n');
}

function parquet(documents: readonly Said[]): Uint8Array {
  const records = withIds(documents);
  const columns = tableFromArrays({
    _id: records.map(({ _id }) => _id),
    title: records.map(({ title }) => title),
    text: records.map(({ text }) => text),
  });
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(columns, 'stream')));
}

/** Returns an article a document, of one paragraph. */
function squad(documents: readonly Said[]): string {
  const data = documents.map(({ title, text }) => ({ title, paragraphs: [{ context: text }] }));
  return JSON.stringify({ version: '1', data });
}

/** A heading is part of the text. */
const markdown = ({ title, text }: Said) => (title ? `# ${title}\n\n${text}` : text);

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Returns all documents in one object. */
function inOne(name: string, write: (documents: readonly Said[]) => string | Uint8Array): CorpusFormat {
  return { idOf: byNumber, objects: (documents) => ({ [name]: write(documents) }) };
}

/** Returns an object a document. */
function oneEach(extension: string, write: (said: Said) => string): CorpusFormat {
  const idOf = (index: number) => `pages/${index}.${extension}`;
  return {
    idOf,
    objects: (documents) => Object.fromEntries(documents.map((said, index) => [idOf(index), write(said)])),
  };
}

describeCorpusFormat('JSONL', inOne('a.jsonl', lines));
describeCorpusFormat(
  'JSONL under gzip',
  inOne('a.jsonl.gz', (documents) => gzipSync(lines(documents))),
);
describeCorpusFormat('JSON records', inOne('a.json', lines));
describeCorpusFormat(
  'CSV',
  inOne('a.csv', (documents) => table(documents, ',', true)),
);
describeCorpusFormat(
  'CSV under gzip',
  inOne('a.csv.gz', (documents) => gzipSync(table(documents, ',', true))),
);
describeCorpusFormat(
  'TSV',
  inOne('a.tsv', (documents) => table(documents, '\t', false)),
);
describeCorpusFormat('Parquet', inOne('a.parquet', parquet));
describeCorpusFormat('SQuAD', { ...inOne('a.json', squad), idOf: (index) => `a/${index}/0` });
describeCorpusFormat('Markdown', { ...oneEach('md', markdown), textOf: markdown });
describeCorpusFormat(
  'HTML',
  oneEach('html', ({ title, text }) => `<title>${escaped(title)}</title><p>${escaped(text)}</p>`),
);
