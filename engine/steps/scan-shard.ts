import type { Reject } from '../../core/document.js';
import { addLongRows } from '../../core/long-rows.js';
import { addRejects, totalRejects } from '../../core/reject-counts.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { writeRejectFile } from '../parquet/reject-file.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { IdCollector, readScanSummary, type ScanSummary } from './id-file.js';
import { recordsOf } from './records-of.js';
import type { StepRun, StepTools } from './step-context.js';

/**
 * The number of rejects that a scan lists one by one. A shard may hold millions of broken lines;
 * the counts include all of them.
 */
const LISTED_REJECTS = 10_000;

/**
 * Reads a shard once to count its documents and rejects and to note its ids. The duplicates over
 * the whole corpus are thus known before anything is embedded, and a corpus with too many rejects
 * is stopped. Its rejects are listed before its summary is written, so that the faults of a stopped
 * job can be looked up.
 */
export async function scanShard(
  tools: StepTools,
  version: OpenVersion,
  shard: number,
  run: StepRun,
): Promise<ScanSummary> {
  const key = version.layout.scan(shard);
  if (await version.store.head(key)) return readScanSummary(version.store, key);
  const ids = new IdCollector();
  const summary: ScanSummary = { shard, documents: 0, rejects: {} };
  const listed: Reject[] = [];
  for await (const records of recordsOf(tools, version, shard, run.signal)) {
    throwIfStopped(run.signal);
    for (const record of records) {
      if (record.longRow) {
        const { position } = record.kind === 'reject' ? record.reject : record;
        summary.longRows = addLongRows(summary.longRows, { rows: 1, example: position })!;
      }
      if (record.kind === 'reject') {
        summary.rejects = addRejects(summary.rejects, { [record.reject.code]: 1 });
        if (listed.length < LISTED_REJECTS) listed.push(record.reject);
      } else {
        summary.documents += 1;
        ids.add(record.document.id, record.ordinal);
      }
    }
    run.onPosition({ stage: 'scan', shard, rows: summary.documents, tokens: 0 });
  }
  if (listed.length > 0) {
    const footer = { shard: String(shard), rejects: String(totalRejects(summary.rejects)) };
    await createOnce(version.store, version.layout.scanRejects(shard), writeRejectFile(listed, footer));
  }
  await createOnce(version.store, key, ids.encode(summary));
  return summary;
}
