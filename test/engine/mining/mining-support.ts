import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { readParquet as readWasm } from 'parquet-wasm/node';
import { parseMiningJob } from '../../../engine/job/parse-mining-job.js';
import type { MiningReport } from '../../../engine/mining/mining-report.js';
import type { MiningTools } from '../../../engine/mining/open-mining.js';
import { prepareMining } from '../../../engine/mining/prepare-mining.js';
import type { Embedder } from '../../../engine/model/embedder.js';
import { openStore } from '../../../engine/store/open-store.js';
import type { StoreOpener } from '../../../engine/store/store-cache.js';
import { mineLocally } from '../../../local/mine.js';
import { oneAttempt } from '../../support/one-attempt.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { type CorpusLine, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

export interface MinedFolder {
  report: MiningReport;
  /** The folder of the triplets. */
  folder: string;
  /** Returns the rows of a JSONL folder, in the order of shards. */
  rows(kind: string, split?: string): Record<string, unknown>[];
}

/**
 * Returns a committed version of these documents in parts of 4 rows. It lies below `out` of a
 * folder, which by default is one for the test.
 */
export async function versionOf(
  lines: readonly CorpusLine[],
  more: Record<string, unknown> = {},
  folder: string = temporaryFolder(),
): Promise<string> {
  writeCorpus(folder, { 'a.jsonl': lines });
  await runJob(testProcess(), testJob(folder, more));
  return folder;
}

/** Writes a file of pairs; returns its path from the job file's folder. */
export function writePairs(folder: string, pairs: readonly object[]): string {
  writeFileSync(join(folder, 'pairs.jsonl'), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  return './pairs.jsonl';
}

/** Returns a query for each of the first documents of `documents`. */
export function pairsOf(count: number): { query: string; positive: string; query_id: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    query: `question ${index}`,
    positive: `doc-${index}`,
    query_id: `q${index}`,
  }));
}

/** Returns the rows of a folder of Parquet files, in the order of shards. */
export function readTable(folder: string, split = 'train'): Record<string, unknown>[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(split))
    .sort()
    .flatMap((name) =>
      tableFromIPC(readWasm(readFileSync(join(folder, name))).intoIPCStream())
        .toArray()
        .map((row) => JSON.parse(JSON.stringify(row)) as Record<string, unknown>),
    );
}

/** Mines below `folder/out` as the command does, with the test embedder. */
export async function mineBelow(
  folder: string,
  job: Record<string, unknown>,
  {
    embedder = testEmbedder(),
    store = openStore,
    ...more
  }: Partial<MiningTools> & { embedder?: Embedder; store?: StoreOpener } = {},
): Promise<MinedFolder> {
  const file = join(folder, 'mine.yaml');
  const spec = parseMiningJob(JSON.stringify({ dataset: 'test', output: './out', ...job }), file);
  const { mining, record } = await prepareMining(spec, store, file);
  const tools: MiningTools = {
    openStore: store,
    withEmbedder: (_, use) => use(embedder),
    withCrossEncoder: async () => {
      throw new Error('no cross-encoder was expected');
    },
    ...more,
  };
  const run = { signal: new AbortController().signal, onProgress: () => {}, onRetry: oneAttempt };
  const report = await mineLocally(tools, mining, record, run);
  const place = join(folder, 'out', mining.layout.prefix);
  return { report, folder: place, rows: (kind, split = 'train') => jsonRows(join(place, kind), split) };
}

export function jsonRows(folder: string, split: string): Record<string, unknown>[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${split}-`))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
