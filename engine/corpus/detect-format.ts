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
