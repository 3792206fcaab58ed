import { expect, it } from 'vitest';
import { requestsPerShard } from '../../support/requests-per-shard.js';

const BUCKETS = 256;

it('a version of ten times the shards takes ten times the requests at most', async () => {
  const idsPerShard = 10_000;
  for (const shards of [1000, 10_000]) {
    const requests = await requestsPerShard(shards, { idsPerShard });
    expect(requests.plan, 'plan').toBeLessThan(0.02);
    expect(requests.scan, 'scan').toBeLessThan(3.02);
    expect(requests.duplicates, 'duplicates').toBeLessThan(1.15);
    expect(requests.chunk, 'chunk').toBeLessThan(0.02);
    expect(requests.commit, 'commit').toBe(1);
    // The commit, the file of documents, and that of texts.
    expect(requests.manifest, 'manifest').toBeLessThan(3.2);
  }
});

it('a version that carries rows over takes no more requests for each shard when shards are added', async () => {
  for (const shards of [1000, 10_000]) {
    const requests = await requestsPerShard(shards, { idsPerShard: 10_000, carrying: true });
    expect(requests.plan, 'plan').toBeLessThan(0.03);
    // What a shard without a parent takes, and twice three looks whether more shards were planned.
    expect(requests.scan, 'scan').toBeLessThan(9.03);
    // What was scanned, what becomes of it, and the parent's files of rejects.
    expect(requests.resolve, 'resolve').toBeLessThan(2.1);
    expect(requests.chunk, 'chunk').toBe(1);
    expect(requests.commit, 'commit').toBeLessThan(3.02);
    expect(requests.manifest, 'manifest').toBeLessThan(4.2);
  }
});

it('duplicates in as many ranges as there can be take no more requests for each shard when shards are added', async () => {
  const idsPerShard = 400_000;
  const [few, many] = [
    await requestsPerShard(640, { idsPerShard }),
    await requestsPerShard(960, { idsPerShard }),
  ];
  expect(few.duplicates).toBeLessThan(8);
  expect(many.duplicates).toBeLessThanOrEqual(1.01 * few.duplicates);
  // Each file of duplicates is read once, and not by each shard.
  expect(few.chunk * 640).toBeLessThanOrEqual(BUCKETS);
  expect(many.chunk * 960).toBeLessThanOrEqual(BUCKETS);
});

it('ranges of int8 are read once by their group, and then as many as there are groups', async () => {
  const [few, many] = [
    await requestsPerShard(300, { idsPerShard: 3000, precision: 'int8' }),
    await requestsPerShard(1200, { idsPerShard: 3000, precision: 'int8' }),
  ];
  expect(many.ranges).toBeLessThanOrEqual(1.01 * few.ranges);
  expect(many.commit).toBe(few.commit);
});

it('a small version is not folded: each file of a shard is read once', async () => {
  const requests = await requestsPerShard(16, { idsPerShard: 50_000 });
  // The id files, the check that the version is the known one, and the file of what was found.
  expect(16 * requests.duplicates).toBe(16 + 2 + 1);
  // The commits, the files of documents and of texts, a few requests for the version's own
  // records, and three that keep the version from being deleted while its ref is moved.
  expect(16 * requests.manifest).toBeLessThan(16 + 16 + 16 + 20 + 3);
});
