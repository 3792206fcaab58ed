import type { BucketRange } from '../../core/buckets.js';
import type { JobRecord } from '../../core/job-spec.js';
import { findDuplicates } from '../../engine/steps/find-duplicates.js';
import { scanShard } from '../../engine/steps/scan-shard.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import type { OpenVersion } from '../../engine/version/open-version.js';
import { type CrashPlan, failingStore } from './failing-store.js';
import { MemoryStore } from './memory-store.js';
import { testJob } from './test-job.js';
import { startVersion, type TestProcess, testProcess, testRun } from './test-tools.js';

/** A version whose shards were scanned, and the stores in memory in which it and its corpus lie. */
export interface ScannedVersion {
  job: JobRecord;
  stores: Map<string, ObjectStore>;
  version: OpenVersion;
}

/** Scans shards with these ids, in a store in memory. */
export async function scannedVersion(idsOfShards: readonly (readonly string[])[]): Promise<ScannedVersion> {
  const stores = new Map<string, ObjectStore>();
  for (const place of ['corpus', 'out'])
    stores.set(`file:///memory/${place}`, new MemoryStore(`file:///memory/${place}`));
  stores.set('file:///memory', new MemoryStore('file:///memory'));
  // Every object has more than half of the bytes of a shard, so that each is one.
  const lines = idsOfShards.map((ids) =>
    ids.map((_id) => `${JSON.stringify({ _id, text: 'a' })}\n`).join(''),
  );
  const longest = Math.max(1, ...lines.map((text) => text.length));
  for (const [shard, text] of lines.entries()) {
    const padded = `${' '.repeat(longest - text.length)}${text || ' '}`;
    const key = `corpus/${String(shard).padStart(4, '0')}.jsonl`;
    await stores.get('file:///memory')!.put(key, Buffer.from(padded));
  }
  const job = testJob('/memory', { shard_bytes: longest });
  const process = processOn(stores);
  const version = await startVersion(process, job);
  for (const { shard } of await version.plan()) await scanShard(process.tools, version, shard, testRun());
  return { job, stores, version };
}

/** Returns a process that works on these stores, and may die as the plan says. */
export function processOn(stores: ReadonlyMap<string, ObjectStore>, plan?: CrashPlan): TestProcess {
  return testProcess({
    store: (root) => {
      const store = stores.get(root)!;
      return plan ? failingStore(store, plan) : store;
    },
  });
}

/** Finds the duplicates of a range. Returns their number and their file, which is removed again. */
export async function duplicatesOf(
  version: OpenVersion,
  range: BucketRange,
  groupSize?: number,
): Promise<{ found: number; file: string | undefined }> {
  const found = await findDuplicates(version, range, testRun(), groupSize);
  const key = version.layout.duplicates(range.from, range.to);
  const info = await version.store.head(key);
  const file = info && Buffer.from(await version.store.get(key)).toString();
  await version.store.delete(key);
  return { found, file };
}
