/**
 * Counts the requests that the steps of a job send to a store for each shard, for versions of
 * 1,000, 10,000 and 100,000 shards, with and without a parent whose rows are carried over:
 * `npx tsx test/scale/store-requests.ts`. The last of each takes minutes, and some gigabytes of
 * memory, because the store is in memory.
 */
import { requestsPerShard } from '../support/requests-per-shard.js';

const rows = [];
for (const { idsPerShard, carrying } of [
  { idsPerShard: 100, carrying: false },
  { idsPerShard: 10_000, carrying: false },
  { idsPerShard: 10_000, carrying: true },
])
  for (const shards of [1000, 10_000, 100_000]) {
    const startedAt = performance.now();
    const requests = await requestsPerShard(shards, { idsPerShard, carrying });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    rows.push({ idsPerShard, carrying, shards, ...requests, seconds });
    console.log(JSON.stringify(rows.at(-1)));
  }
console.table(rows);
