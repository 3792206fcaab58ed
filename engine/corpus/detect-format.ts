import type { InputFormat } from '../../core/plan.js';

export type Compression = 'none' | 'gzip' | 'zstd';

/** The format and the compression with which an object is read. */
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

/**
 * Endings of compressions that cannot be read. Objects with such names still belong to the corpus.
 */
const OTHER_COMPRESSIONS = /^(bz2?|bzip2|xz|lzma|lz|lz4|lzo|br|z|zz|deflate|zlib|zip|7z|rar|sz|snappy)$/;

/**
 * The first bytes of compressed data, in hexadecimal, according to the formats' own specifications.
 */
const BEGINNINGS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['gzip', /^1f8b08/],
  ['zstd', /^(?:28b52ffd|5.2a4d18)/],
  ['bzip2', /^425a683[1-9](?:314159265359|177245385090)/],
  ['xz', /^fd377a585a00/],
  ['lz4', /^04224d18/],
  ['zip', /^504b0304/],
];
/** The number of bytes that are needed to tell whether data is compressed. */
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

/**
 * Returns an object's extension in lower case, without its compression: `md` for `a/README.md.gz`.
 * It is empty if there is none.
 */
export function extensionOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase();
  const parts = name.split('.').slice(1);
  if (compressionOf(key) !== 'none') parts.pop();
  return parts.at(-1) ?? '';
}

/**
 * Returns the ending of a compression that cannot be read, if it follows the ending of a format:
 * `bz2` for `a.jsonl.bz2`.
 */
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

/** Tells the compression by the last extension alone, such as `.gz` and `.zst`. */
export function compressionOf(key: string): Compression {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase();
  return COMPRESSIONS[name.split('.').slice(1).at(-1) ?? ''] ?? 'none';
}

/**
 * Returns the format that an object's extension stands for, or undefined if the extension says
 * nothing.
 */
export function detectFormat(key: string): InputFormat | undefined {
  return FORMATS[extensionOf(key)]?.[0];
}

/**
 * Says whether an object with this extension may be in that format. An extension that says nothing
 * fits no format.
 */
export function extensionFits(key: string, format: InputFormat): boolean {
  return FORMATS[extensionOf(key)]?.includes(format) ?? false;
}

/**
 * Returns how an object is read under a job's `format`. The result is undefined if that is `auto`
 * and the extension says nothing.
 */
export function formatOf(key: string, format: InputFormat | 'auto'): ObjectFormat | undefined {
  const known = format === 'auto' ? detectFormat(key) : format;
  return known && { format: known, compression: compressionOf(key) };
}

/**
 * Returns the compression that the bytes' beginning shows, or undefined if it shows none of the
 * known ones.
 */
export function compressionIn(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, BEGINNING_BYTES)).toString('hex');
  return BEGINNINGS.find(([, pattern]) => pattern.test(head))?.[0];
}
