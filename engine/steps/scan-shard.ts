import type { Reject } from '../../core/document.js';
import { addLongRows } from '../../core/long-rows.js';
import { shardOf } from '../../core/plan.js';
import { addRejects, totalRejects } from '../../core/reject-counts.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { writeRejectFile } from '../parquet/reject-file.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { readScannedSummary, ScannedCollector } from './carry/scanned-file.js';
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
  const found = await scanOf(version, shard);
  if (found) return found;
  const documents = version.job.carry ? await scannedDocuments(version, shard) : new IdCollector();
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
        documents.add(record);
      }
    }
    run.onPosition({ stage: 'scan', shard, rows: summary.documents, tokens: 0 });
  }
  if (listed.length > 0) {
    const footer = { shard: String(shard), rejects: String(totalRejects(summary.rejects)) };
    await createOnce(version.store, version.layout.scanRejects(shard), writeRejectFile(listed, footer));
  }
  await createOnce(version.store, scanKey(version, shard), documents.encode(summary));
  return summary;
}

function scanKey({ layout, job }: OpenVersion, shard: number): string {
  return job.carry ? layout.scannedDocuments(shard) : layout.scan(shard);
}

/** Returns what an earlier attempt counted, if it has written all that it found. */
async function scanOf(version: OpenVersion, shard: number): Promise<ScanSummary | undefined> {
  const { store, job } = version;
  const key = scanKey(version, shard);
  if (!(await store.head(key))) return undefined;
  return (job.carry ? readScannedSummary : readScanSummary)(store, key);
}

/** Collects the documents of a shard whose contents are compared with those of the parent. */
async function scannedDocuments(version: OpenVersion, shard: number): Promise<ScannedCollector> {
  return new ScannedCollector(shardOf(await version.plan(), shard).slices);
}
