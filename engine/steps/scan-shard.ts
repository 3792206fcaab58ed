import { addRejects } from '../../core/reject-counts.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { IdCollector, readScanSummary, type ScanSummary } from './id-file.js';
import { recordsOf } from './records-of.js';
import type { StepRun, StepTools } from './step-context.js';
import { throwIfStopped } from './stop.js';

/**
 * Reads a shard once to count its documents and rejects and to note its ids, so that duplicates over the whole corpus
 * are known, and a corpus with too many rejects is stopped, before anything is embedded.
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
  for await (const record of recordsOf(tools, version, shard, run.signal)) {
    throwIfStopped(run.signal);
    if (record.kind === 'reject') {
      summary.rejects = addRejects(summary.rejects, { [record.reject.code]: 1 });
    } else {
      summary.documents += 1;
      ids.add(record.document.id, record.ordinal);
    }
    run.onPosition({ stage: 'scan', shard, rows: summary.documents, tokens: 0 });
  }
  await createOnce(version.store, key, ids.encode(summary));
  return summary;
}
