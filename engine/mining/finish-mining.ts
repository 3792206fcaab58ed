import type { Manifest } from '../../core/manifest.js';
import type {
  MiningCommit,
  MiningPlan,
  MiningTotals,
  TrainingFile,
} from '../../core/mining/mining-records.js';
import type { CandidateIndex, MiningRecord } from '../../core/mining/mining-spec.js';
import { addTotals, NO_TOTALS } from '../../core/mining/mining-totals.js';
import { deviationOf, meanOf } from '../../core/mining/score-summary.js';
import { SPLITS, type Split } from '../../core/mining/split-documents.js';
import { metricOf, type ScoreMetric } from '../../core/similarity.js';
import { sha256 } from '../hash.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJson } from '../version/read-json.js';
import { removeCheckpoints } from './checkpoints.js';
import { type Mining, readMiningPlan } from './open-mining.js';
import { reportNotes } from './report-notes.js';
import { reportText } from './report-text.js';

/** What mining gave, over both sides of the split and for each. */
export interface MiningReport {
  formatVersion: 1;
  dataset: string;
  version: string;
  name: string;
  /** What scores are: the model's own similarity. Absent in reports of releases that compared by the cosine alone. */
  metric?: ScoreMetric;
  /** Whether queries were compared with every chunk, or with those that an index found. */
  candidates: { by: 'comparison' } | ({ by: 'index' } & CandidateIndex);
  plan: MiningPlan;
  totals: MiningTotals;
  bySplit: Readonly<Record<Split, { queries: number; trainingRows: number; negatives: number }>>;
  /** Of negatives; null where there are none. */
  hardness: {
    meanPositiveScore: number | null;
    meanNegativeScore: number | null;
    deviationOfNegativeScores: number | null;
    /** The mean of the lowest positive's score less the negative's. */
    meanDifference: number | null;
    /** From 1. */
    meanRank: number | null;
    /** Share of the negatives that score above their query's lowest positive. */
    shareAbovePositive: number | null;
  };
  /** Candidates that were taken for answers: copies of a positive, and what the cross-encoder scored high. */
  falseNegativeRejects: { exactDuplicate: number; nearDuplicate: number; crossScore: number };
  /** What makes the triplets worse than they look, as sentences. Absent in reports of releases that had none. */
  notes?: readonly string[];
}

/** What `manifest.json` of mined triplets holds: the record that makes them readable. */
export interface MiningManifest {
  formatVersion: 1;
  job: MiningRecord;
  report: TrainingFile;
  /** Lists what of the input was left out; null where that is nothing. */
  leftOut: TrainingFile | null;
  files: readonly (TrainingFile & { split: Split })[];
  totals: MiningTotals;
}

/** Adds up the commits, writes the report, then the manifest, and removes the checkpoints. Errors: OBJECT_NOT_FOUND where a shard is not committed. */
export async function finishMining(mining: Mining): Promise<MiningReport> {
  const { store, layout } = mining;
  const plan = await readMiningPlan(mining);
  const commits: MiningCommit[] = [];
  for (let shard = 0; shard < plan.counts.shards; shard += 1)
    commits.push(await readJson<MiningCommit>(store, layout.commit(shard), 1));
  const job = await readJson<MiningRecord>(store, layout.job, 1);
  const report = reportOf(job, plan, commits, mining.version.manifest);
  const bytes = encodeJson(report);
  await createOnce(store, layout.report, bytes);
  await createOnce(store, layout.reportText, Buffer.from(`${reportText(report).join('\n')}\n`));
  const manifest: MiningManifest = {
    formatVersion: 1,
    job,
    leftOut: plan.leftOut,
    report: { key: layout.report, sha256: sha256(bytes), bytes: bytes.byteLength, rows: 1 },
    files: commits.flatMap(({ split, files }) => files.map((file) => ({ ...file, split }))),
    totals: report.totals,
  };
  await createOnce(store, layout.manifest, encodeJson(manifest));
  await removeCheckpoints(mining);
  return readJson<MiningReport>(store, layout.report, 1);
}

function reportOf(
  { spec, index }: MiningRecord,
  plan: MiningPlan,
  commits: readonly MiningCommit[],
  { signature, chunking }: Pick<Manifest, 'signature' | 'chunking'>,
): MiningReport {
  const totals = commits.reduce((sum, commit) => addTotals(sum, commit.totals), NO_TOTALS);
  const bySplit = SPLITS.map((split) => {
    const own = commits.filter((commit) => commit.split === split);
    const { queries, trainingRows, negatives } = own.reduce(
      (sum, commit) => addTotals(sum, commit.totals),
      NO_TOTALS,
    );
    return [split, { queries, trainingRows, negatives }] as const;
  });
  const shareOf = (part: number) => (totals.negatives === 0 ? null : part / totals.negatives);
  return {
    formatVersion: 1,
    dataset: spec.dataset,
    version: spec.version,
    name: spec.name,
    metric: metricOf(signature),
    candidates: index ? { by: 'index', ...index } : { by: 'comparison' },
    plan,
    totals,
    bySplit: Object.fromEntries(bySplit) as MiningReport['bySplit'],
    hardness: {
      meanPositiveScore: meanOf(totals.positiveScores),
      meanNegativeScore: meanOf(totals.negativeScores),
      deviationOfNegativeScores: deviationOf(totals.negativeScores),
      meanDifference: meanOf(totals.differences),
      meanRank: shareOf(totals.rankSum),
      shareAbovePositive: shareOf(totals.abovePositive),
    },
    falseNegativeRejects: {
      exactDuplicate: totals.rejected.exactDuplicate ?? 0,
      nearDuplicate: totals.rejected.nearDuplicate ?? 0,
      crossScore: totals.rejected.crossScore ?? 0,
    },
    notes: reportNotes(spec, totals, chunking),
  };
}
