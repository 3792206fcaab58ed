import { setImmediate } from 'node:timers/promises';
import type { TrainingFolder } from '../../core/mining/mining-layout.js';
import type {
  CandidatesRecord,
  CrossScoresRecord,
  MiningCommit,
  QueriesRecord,
  TrainingFile,
} from '../../core/mining/mining-records.js';
import { addRejected, miningTotalsOf } from '../../core/mining/mining-totals.js';
import type { RejectedCandidates } from '../../core/mining/select-negatives.js';
import type { Split } from '../../core/mining/split-documents.js';
import { type MinedQuery, type TrainingRow, trainingRows } from '../../core/mining/training-rows.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { sha256 } from '../files/hash.js';
import type { Footer } from '../parquet/footer.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';
import { runUnlessWritten } from './checkpoints.js';
import { loadChunks } from './load-chunks.js';
import { QueryMiner } from './mine-query.js';
import { miningError } from './mining-errors.js';
import { type Mining, type MiningRun, readMiningPlan } from './open-mining.js';
import {
  flagEmbeddingRecords,
  jsonLines,
  tevatronRecords,
  trainingRecords,
  writeLineageParquet,
  writeTrainingParquet,
} from './training-files.js';

/**
 * After this many queries, the step checks whether to stop, and an activity can send a heartbeat.
 * Each query may compare texts for milliseconds.
 */
const QUERIES_AT_ONCE = 64;

/**
 * Selects the negatives of a shard of queries, and writes its training files and then its commit.
 * It does nothing if the commit exists. Everything follows from what the stages before it wrote, so
 * that every attempt writes the same bytes. Errors: PART_CONFLICT where other bytes exist; those of
 * reading the version's files.
 */
export async function writeShard(mining: Mining, shard: number, run: MiningRun): Promise<void> {
  await runUnlessWritten(mining, mining.layout.commit(shard), run, () => writeFiles(mining, shard, run));
}

async function writeFiles(mining: Mining, shard: number, run: MiningRun): Promise<void> {
  const { store, layout, spec } = mining;
  const { split, mined, rejected } = await mineShard(mining, shard, run);
  const { format, selection } = spec;
  const rows = mined.flatMap((query) => trainingRows(query, format, selection.numNegatives));
  const files: TrainingFile[] = [];
  for (const { key, bytes, rows: count } of filesOf(mining, { shard, split, mined, rows }))
    files.push(await putFile(mining, key, bytes, count));
  const totals = miningTotalsOf(mined, {
    numNegatives: selection.numNegatives,
    trainingRows: rows.length,
    rejected,
  });
  const commit: MiningCommit = { formatVersion: 1, split, files, totals };
  await createOnce(store, layout.commit(shard), encodeJson(commit));
}

async function mineShard(
  mining: Mining,
  shard: number,
  run: MiningRun,
): Promise<{ split: Split; mined: MinedQuery[]; rejected: RejectedCandidates }> {
  const { store, layout, spec, version } = mining;
  const plan = await readMiningPlan(mining);
  const { queries, split } = await readJsonRecord<QueriesRecord>(store, layout.queries(shard), 1);
  const found = await readJsonRecord<CandidatesRecord>(store, layout.candidates(shard), 1);
  const cross = spec.crossEncoder
    ? await readJsonRecord<CrossScoresRecord>(store, layout.crossScores(shard), 1)
    : undefined;
  const wanted = new Set<number>();
  for (const { positives } of queries)
    for (const { rows } of positives) for (const row of rows) wanted.add(row);
  for (const { candidates } of found.queries) for (const { row } of candidates) wanted.add(row);
  const miner = new QueryMiner(spec, plan, await loadChunks(version, wanted, run));
  let rejected: RejectedCandidates = {};
  const mined: MinedQuery[] = [];
  for (const [index, query] of queries.entries()) {
    if (index % QUERIES_AT_ONCE === 0) {
      await setImmediate();
      throwIfStopped(run.signal);
    }
    const result = miner.mine({
      query,
      found: found.queries[index]!,
      crossScores: cross?.queries[index],
    });
    rejected = addRejected(rejected, result.rejected);
    mined.push(result.mined);
  }
  return { split, mined, rejected };
}

interface ShardRows {
  shard: number;
  split: Split;
  mined: readonly MinedQuery[];
  rows: readonly TrainingRow[];
}

/**
 * Yields every file of a shard. No file is written without rows, because a reader could not tell
 * its columns.
 */
function* filesOf(
  { layout, spec, version }: Mining,
  { shard, split, mined, rows }: ShardRows,
): Generator<{ key: string; bytes: Uint8Array; rows: number }> {
  const { format, scores, selection, exports } = spec;
  const { manifest } = version;
  const key = (folder: TrainingFolder) => layout.training(folder, split, shard);
  const footer: Footer = {
    dataset: manifest.dataset,
    version: manifest.version,
    fingerprint: manifest.fingerprint,
    shard: String(shard),
  };
  const lines = function* (at: string, records: readonly object[]) {
    if (records.length > 0) yield { key: at, bytes: jsonLines(records), rows: records.length };
  };
  if (rows.length > 0) {
    const records = trainingRecords(rows, format, scores);
    yield { key: key('parquet'), bytes: writeTrainingParquet(records, footer), rows: rows.length };
    yield { key: key('jsonl'), bytes: jsonLines(records), rows: rows.length };
    yield { key: key('lineage'), bytes: writeLineageParquet(rows, footer), rows: rows.length };
  }
  if (exports.includes('flagembedding'))
    yield* lines(key('flagembedding'), flagEmbeddingRecords(mined, scores));
  if (exports.includes('tevatron')) yield* lines(key('tevatron'), tevatronRecords(mined));
  const short = mined
    .filter(({ negatives }) => negatives.length < selection.numNegatives)
    .map(({ id, negatives }) => ({
      query_id: id,
      negatives: negatives.length,
      wanted: selection.numNegatives,
    }));
  yield* lines(layout.short(split, shard), short);
}

function putFile({ store }: Mining, key: string, bytes: Uint8Array, rows: number): Promise<TrainingFile> {
  return writeOrAdopt(store, key, bytes, {
    describe: (existing) => {
      const hash = sha256(existing);
      if (existing !== bytes && hash !== sha256(bytes))
        throw miningError(
          'PART_CONFLICT',
          `${store.root}/${key} is not what this job writes`,
          'Give the job another `name`.',
          `${store.root}/${key}`,
        );
      return { key, sha256: hash, bytes: existing.byteLength, rows };
    },
  });
}
