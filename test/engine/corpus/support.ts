import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CorpusRecord, Document, Reject } from '../../../core/document.js';
import type { InputSpec } from '../../../core/job-spec.js';
import type { Shard } from '../../../core/plan.js';
import { planCorpus } from '../../../engine/corpus/plan-corpus.js';
import { type ReadShardOptions, readShard } from '../../../engine/corpus/read-shard.js';
import type { ObjectStore, ReadOptions } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';

export const COLUMNS = { text: 'text', title: 'title', metadata: [] };
export const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** Makes a folder of files that is removed after its test, and returns it as a file URI. */
export async function corpusOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return `file://${folder}`;
}

export interface Reading {
  uri: string;
  format?: InputSpec['format'];
  include?: string[];
  exclude?: string[];
  columns?: InputSpec['columns'];
  csv?: InputSpec['csv'];
  maxDocumentBytes?: number;
  shardBytes?: number;
  openStore?: (root: string) => ObjectStore;
}

export function inputOf(reading: Reading): InputSpec {
  return {
    uri: reading.uri,
    format: reading.format ?? 'auto',
    include: reading.include ?? [],
    exclude: reading.exclude ?? [],
    columns: reading.columns ?? COLUMNS,
    ...(reading.csv && { csv: reading.csv }),
    maxDocumentBytes: reading.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
  };
}

export async function plan(reading: Reading): Promise<Shard[]> {
  const planned = await planCorpus(inputOf(reading), {
    shardBytes: reading.shardBytes ?? 64 * 1024 * 1024,
    openStore: reading.openStore ?? openStore,
  });
  return planned.shards;
}

export function optionsOf(reading: Reading): ReadShardOptions {
  const { uri, ...rest } = inputOf(reading);
  return { ...rest, inputUri: uri, openStore: reading.openStore ?? openStore };
}

export async function collectRecords(shards: readonly Shard[], reading: Reading): Promise<CorpusRecord[]> {
  const records: CorpusRecord[] = [];
  for (const shard of shards) {
    for await (const group of readShard(shard, optionsOf(reading))) records.push(...group);
  }
  return records;
}

/** Plans and reads a whole corpus. */
export async function read(reading: Reading): Promise<CorpusRecord[]> {
  return collectRecords(await plan(reading), reading);
}

export function documentsIn(records: readonly CorpusRecord[]): Document[] {
  return records.flatMap((record) => (record.kind === 'document' ? [record.document] : []));
}

export function rejectsIn(records: readonly CorpusRecord[]): Reject[] {
  return records.flatMap((record) => (record.kind === 'reject' ? [record.reject] : []));
}

/** Sums up records as the ids of documents and the codes of rejects, in order. */
export function outline(records: readonly CorpusRecord[]): string[] {
  return records.map((record) => (record.kind === 'document' ? record.document.id : record.reject.code));
}

/** Returns an opener whose stores count the bytes that they hand out. */
export function countingOpener(): { openStore: (root: string) => ObjectStore; bytes: () => number } {
  let bytes = 0;
  const count = (piece: Uint8Array) => {
    bytes += piece.length;
    return piece;
  };
  const counted = (root: string): ObjectStore => {
    const store = openStore(root);
    return {
      root: store.root,
      head: (key) => store.head(key),
      get: async (key, options) => count(await store.get(key, options)),
      stream: async function* (key: string, options?: ReadOptions) {
        for await (const piece of store.stream(key, options)) yield count(piece);
      },
      put: (key, body, options) => store.put(key, body, options),
      list: (prefix) => store.list(prefix),
      delete: (key) => store.delete(key),
      close: () => store.close(),
    };
  };
  return { openStore: counted, bytes: () => bytes };
}
