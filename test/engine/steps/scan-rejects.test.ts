import { expect, test } from 'vitest';
import { readRejectFile } from '../../../engine/parquet/reject-file.js';
import { listRejects } from '../../../engine/steps/list-rejects.js';
import { scanShard } from '../../../engine/steps/scan-shard.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { scanVersion, startVersion, testProcess, testRun } from '../../support/test-tools.js';

test('a scan lists at most 10,000 rejects of a shard and counts the rest', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'corpus.jsonl': ['{}', ...Array.from({ length: 10_005 }, () => 'x')] });
  const process = testProcess();
  const version = await startVersion(process, testJob(folder, { shard_bytes: 1_000_000 }));
  await scanVersion(process, version, testRun());
  const key = version.layout.scanRejects(0);
  const { rejects, footer } = readRejectFile(await version.store.get(key), key);
  expect([rejects.length, footer.rejects]).toEqual([10_000, '10006']);
  const shards = [];
  for await (const shard of listRejects(process.tools, version, new AbortController().signal))
    shards.push(shard);
  expect(shards.map(({ rejects: listed, unlisted }) => [listed.length, unlisted])).toEqual([[10_000, 6]]);
});

test('a scan counts rows of many lines, says where one is, and remembers both', async () => {
  const folder = temporaryFolder();
  const long = `"${'line\n'.repeat(11)}"`;
  writeCorpus(folder, { 'a.csv': ['_id,text', '1,short', `2,${long}`, `3,${long},`, '4,"two\nlines"'] });
  const process = testProcess();
  const version = await startVersion(process, testJob(folder));
  const summary = await scanShard(process.tools, version, 0, testRun());
  expect(summary).toMatchObject({ documents: 3, rejects: { BAD_ROW: 1 } });
  const uri = expect.stringMatching(/a\.csv$/);
  expect(summary.longRows).toEqual({ rows: 2, example: { uri, unit: 'byte', at: 17 } });
  expect(await scanShard(process.tools, version, 0, testRun())).toEqual(summary);
});

test('a scan without rejects writes no list of them', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'corpus.jsonl': documents(3) });
  const process = testProcess();
  const version = await startVersion(process, testJob(folder));
  await scanVersion(process, version, testRun());
  expect(await version.store.head(version.layout.scanRejects(0))).toBeUndefined();
});

test('duplicates across shards are found in the shard of the later one', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, {
    'a.jsonl': documents(12),
    'b.jsonl': [{ _id: 'doc-3', text: 'again' }, ...documents(12, 20, 'b')],
  });
  const process = testProcess();
  const version = await startVersion(process, testJob(folder, { shard_bytes: 1000 }));
  await scanVersion(process, version, testRun());
  const found = [];
  for await (const { rejects } of listRejects(process.tools, version, new AbortController().signal))
    found.push(...rejects);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ code: 'DUPLICATE_ID', id: 'doc-3', position: { unit: 'byte', at: 0 } });
  expect(found[0]!.position.uri).toMatch(/b\.jsonl$/);
});
