/**
 * Counts the requests that the steps of a job send to a store for each shard, for versions of
 * 1,000, 10,000 and 100,000 shards: `npx tsx test/scale/store-requests.ts`. The last one takes
 * minutes, and some gigabytes of memory, because the store is in memory.
 */
import { requestsPerShard } from '../support/requests-per-shard.js';

const rows = [];
for (const idsPerShard of [100, 10_000])
  for (const shards of [1000, 10_000, 100_000]) {
    const startedAt = performance.now();
    const requests = await requestsPerShard(shards, { idsPerShard });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    rows.push({ idsPerShard, shards, ...requests, seconds });
    console.log(JSON.stringify(rows.at(-1)));
  }
console.table(rows);
