import { join } from 'node:path';
import { openStore } from '../../../engine/store/open-store.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

/**
 * Returns a version of `count` documents of one chunk each, in files of 50 rows, embedded by the
 * test embedder.
 */
export async function testVersion(
  count = 300,
  folder: string = temporaryFolder(),
): Promise<ReadableVersion & { folder: string }> {
  writeCorpus(folder, { 'a.jsonl': documents(count, 12) });
  await runJob(testProcess(), testJob(folder, { parts: { rows: 50 }, shard_bytes: 1_000_000 }));
  const store = openStore(join(folder, 'out'));
  return { ...(await resolveVersion(store, { dataset: 'test', selector: 'current' })), folder };
}
