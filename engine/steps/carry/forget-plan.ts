import type { OpenVersion } from '../../version/open-version.js';
import { readJsonRecord } from '../../version/read-json-record.js';
import type { ResolvedRecord } from './resolution.js';

/**
 * Forgets what was listed and scanned of a version of which nothing is cut yet, so that the next
 * run lists the input again.
 */
export async function forgetPlan(version: OpenVersion): Promise<void> {
  const { store, layout } = version;
  const shards = await version.plan();
  const pieces = (await store.head(layout.resolved))
    ? (await readJsonRecord<ResolvedRecord>(store, layout.resolved, 1)).pieces
    : 0;
  const carried = Array.from({ length: pieces }, (_, piece) => layout.carriedDocuments(piece));
  const ofShards = shards.flatMap(({ shard }) => [
    layout.scannedDocuments(shard),
    layout.scanRejects(shard),
    layout.verdicts(shard),
  ]);
  // Whoever finds no plan begins anew, so that the plan goes first.
  const keys = [layout.plan, layout.resolved, layout.planAgain, layout.deadRows, layout.carriedRejects];
  for (const key of [...keys, ...carried, ...ofShards]) await store.delete(key);
}
