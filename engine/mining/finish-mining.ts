import type {
  MiningCommit,
  MiningTotals,
  QueryFile,
  TrainingFile,
} from '../../core/mining/mining-records.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import type { Split } from '../../core/mining/split-documents.js';
import { sha256 } from '../files/hash.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { removeCheckpoints } from './checkpoints.js';
import { type MiningReport, reportOf } from './mining-report.js';
import { type Mining, readMiningPlan } from './open-mining.js';
import { reportText } from './report-text.js';

/** The contents of `manifest.json` of mined triplets, the record that makes them readable. */
export interface MiningManifest {
  formatVersion: 1;
  job: MiningRecord;
  /** `queryFiles` of the plan. */
  queryFiles?: readonly QueryFile[];
  report: TrainingFile;
  /** The file that lists what was left out of the input; null where nothing was. */
  leftOut: TrainingFile | null;
  files: readonly (TrainingFile & { split: Split })[];
  totals: MiningTotals;
}

/**
 * Adds up the commits, writes the report and then the manifest, and removes the checkpoints.
 * Errors: OBJECT_NOT_FOUND where a shard is not committed.
 */
export async function finishMining(mining: Mining): Promise<MiningReport> {
  const { store, layout } = mining;
  const plan = await readMiningPlan(mining);
  const commits: MiningCommit[] = [];
  for (let shard = 0; shard < plan.counts.shards; shard += 1)
    commits.push(await readJsonRecord<MiningCommit>(store, layout.commit(shard), 1));
  const job = await readJsonRecord<MiningRecord>(store, layout.job, 1);
  const report = reportOf(job, plan, commits, mining.version.manifest);
  const bytes = encodeJson(report);
  await createOnce(store, layout.report, bytes);
  await createOnce(store, layout.reportText, Buffer.from(`${reportText(report).join('\n')}\n`));
  const manifest: MiningManifest = {
    formatVersion: 1,
    job,
    ...(plan.queryFiles && { queryFiles: plan.queryFiles }),
    leftOut: plan.leftOut,
    report: { key: layout.report, sha256: sha256(bytes), bytes: bytes.byteLength, rows: 1 },
    files: commits.flatMap(({ split, files }) => files.map((file) => ({ ...file, split }))),
    totals: report.totals,
  };
  await createOnce(store, layout.manifest, encodeJson(manifest));
  await removeCheckpoints(mining);
  return readJsonRecord<MiningReport>(store, layout.report, 1);
}
