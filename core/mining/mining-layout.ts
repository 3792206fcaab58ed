import { shardName } from '../ids.js';
import { versionLayout } from '../layout.js';
import type { MiningSpec } from './mining-spec.js';
import type { Split } from './split-documents.js';

/**
 * The folders of training files. Each holds files of one kind, so that a reader can be given the
 * folder.
 */
export type TrainingFolder = 'parquet' | 'jsonl' | 'lineage' | 'flagembedding' | 'tevatron';

/** The keys of one set of triplets, relative to the output root. */
export interface MiningLayout {
  prefix: string;
  job: string;
  /** The create-once record of how many shards of queries there are and what was left out. */
  plan: string;
  /**
   * A create-once file with one byte for each chunk of the version, which says on which side of the
   * split it may be a candidate.
   */
  sides: string;
  /** The create-once list of the input that was left out, one item on a line. */
  leftOut: string;
  queries: (shard: number) => string;
  candidates: (shard: number) => string;
  crossScores: (shard: number) => string;
  training: (folder: TrainingFolder, split: Split, shard: number) => string;
  /** The file of queries with fewer negatives than were asked for. */
  short: (split: Split, shard: number) => string;
  commit: (shard: number) => string;
  report: string;
  reportText: string;
  /** The create-once manifest, written last. */
  manifest: string;
  /** The beginnings of the keys of checkpoints, which nothing reads once the manifest exists. */
  checkpoints: readonly string[];
}

export function miningLayout({ dataset, version, name }: MiningSpec): MiningLayout {
  const prefix = `${versionLayout(dataset, version).prefix}/triplets/${name}`;
  const extension = (folder: TrainingFolder) =>
    folder === 'parquet' || folder === 'lineage' ? 'parquet' : 'jsonl';
  return {
    prefix,
    job: `${prefix}/job.json`,
    plan: `${prefix}/plan.json`,
    sides: `${prefix}/sides.bin`,
    leftOut: `${prefix}/left-out.jsonl`,
    queries: (shard) => `${prefix}/queries/${shardName(shard)}.json`,
    candidates: (shard) => `${prefix}/candidates/${shardName(shard)}.json`,
    crossScores: (shard) => `${prefix}/cross-scores/${shardName(shard)}.json`,
    training: (folder, split, shard) =>
      `${prefix}/${folder}/${split}-${shardName(shard)}.${extension(folder)}`,
    short: (split, shard) => `${prefix}/short/${split}-${shardName(shard)}.jsonl`,
    commit: (shard) => `${prefix}/commits/${shardName(shard)}.json`,
    report: `${prefix}/report.json`,
    reportText: `${prefix}/report.txt`,
    manifest: `${prefix}/manifest.json`,
    checkpoints: ['sides.bin', 'queries/', 'candidates/', 'cross-scores/'].map((name) => `${prefix}/${name}`),
  };
}
