import type { InputFormat } from '../../core/plan.js';

export type Compression = 'none' | 'gzip' | 'zstd';

export interface ObjectFormat {
  format: InputFormat;
  compression: Compression;
}

const COMPRESSIONS: Readonly<Record<string, Compression>> = {
  gz: 'gzip',
  gzip: 'gzip',
  zst: 'zstd',
  zstd: 'zstd',
};

/** Endings of compressions that are not read; what lies under them is part of the corpus all the same. */
const OTHER_COMPRESSIONS = /^(bz2?|bzip2|xz|lzma|lz|lz4|lzo|br|z|zz|deflate|zlib|zip|7z|rar|sz|snappy)$/;

/** How compressed data begins, in hex, by the formats' own specifications. */
const BEGINNINGS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['gzip', /^1f8b08/],
  ['zstd', /^(?:28b52ffd|5.2a4d18)/],
  ['bzip2', /^425a683[1-9](?:314159265359|177245385090)/],
  ['xz', /^fd377a585a00/],
  ['lz4', /^04224d18/],
  ['zip', /^504b0304/],
];
/** Bytes that tell whether data is compressed. */
export const BEGINNING_BYTES = 10;

const FORMATS: Readonly<Record<string, readonly InputFormat[]>> = {
  jsonl: ['jsonl'],
  ndjson: ['jsonl'],
  json: ['squad', 'jsonl'],
  parquet: ['parquet'],
  pq: ['parquet'],
  csv: ['csv', 'tsv'],
  tsv: ['tsv', 'csv'],
  tab: ['tsv'],
  md: ['text'],
  mdx: ['text'],
  markdown: ['text'],
  txt: ['text', 'jsonl', 'csv', 'tsv'],
  rst: ['text'],
  html: ['text'],
  htm: ['text'],
  xhtml: ['text'],
};

/** An object's extension in lower case, without its compression: `md` of `a/README.md.gz`; empty where it has none. */
export function extensionOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase();
  const parts = name.split('.').slice(1);
  if (compressionOf(key) !== 'none') parts.pop();
  return parts.at(-1) ?? '';
}

/** The ending of a compression that is not read, behind that of a format: `bz2` of `a.jsonl.bz2`. */
export function unreadCompressionOf(key: string): string | undefined {
  const [inner, last] = key
    .slice(key.lastIndexOf('/') + 1)
    .toLowerCase()
    .split('.')
    .slice(1)
    .slice(-2);
  return last !== undefined && OTHER_COMPRESSIONS.test(last) && Object.hasOwn(FORMATS, inner!)
    ? last
    : undefined;
}

/** By the last extension alone: `.gz` and `.zst`. */
export function compressionOf(key: string): Compression {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase();
  return COMPRESSIONS[name.split('.').slice(1).at(-1) ?? ''] ?? 'none';
}

/** The format that an object's extension stands for; undefined for an extension that says nothing. */
export function detectFormat(key: string): InputFormat | undefined {
  return FORMATS[extensionOf(key)]?.[0];
}

/** Whether an object with this extension may be in that format; an extension that says nothing fits none. */
export function extensionFits(key: string, format: InputFormat): boolean {
  return FORMATS[extensionOf(key)]?.includes(format) ?? false;
}

/** How an object is read under a job's `format`. Undefined where that is `auto` and the extension says nothing. */
export function formatOf(key: string, format: InputFormat | 'auto'): ObjectFormat | undefined {
  const known = format === 'auto' ? detectFormat(key) : format;
  return known && { format: known, compression: compressionOf(key) };
}

/** The compression that bytes are in by their beginning; undefined where it is none that is known. */
export function compressionIn(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, BEGINNING_BYTES)).toString('hex');
  return BEGINNINGS.find(([, pattern]) => pattern.test(head))?.[0];
}
