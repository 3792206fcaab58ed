import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EDITIONS } from '../../../core/editions.js';
import type { JobRecord } from '../../../core/job-spec.js';
import { FileStore } from '../../../engine/store/file-store.js';
import { encodeJson } from '../../../engine/version/create-once.js';
import { checkVersion, createVersion } from '../../../engine/version/create-version.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testSignature } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

it('a version is new, then started, then complete', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const job = testJob(folder);
  const store = new FileStore(join(folder, 'out'));
  expect(await checkVersion(store, job)).toBe('new');
  expect(await store.head('test/versions/v1/job.json')).toBeUndefined();
  await createVersion(store, job);
  expect(await checkVersion(store, job)).toBe('started');
  await runJob(testProcess(), job);
  expect(await checkVersion(store, job)).toBe('complete');
});

it('a job that changes only its limits may resume a version, which keeps the first limits', async () => {
  const folder = temporaryFolder();
  const store = new FileStore(join(folder, 'out'));
  await createVersion(store, testJob(folder));
  const changed = testJob(folder, { limits: { reject_share: 1, concurrency: 7 } });
  await createVersion(store, changed);
  expect(await checkVersion(store, changed)).toBe('started');
  const record = await readJsonRecord<JobRecord>(store, 'test/versions/v1/job.json', 1);
  expect(record.spec.limits.concurrency).toBe(2);
});

it.each([
  ['chunking', { chunking: { strategy: 'fixed' } }],
  ['parts', { parts: { rows: 5 } }],
  ['shardBytes', { shard_bytes: 3000 }],
  ['input', { input: { uri: './corpus', columns: { id: 'key' } } }],
])('a job with another %s is refused by that name, and nothing changes', async (field, more) => {
  const folder = temporaryFolder();
  const store = new FileStore(join(folder, 'out'));
  await createVersion(store, testJob(folder));
  const refusal = { code: 'VERSION_CONFLICT', message: expect.stringMatching(new RegExp(`: ${field}$`)) };
  await expect(createVersion(store, testJob(folder, more))).rejects.toMatchObject(refusal);
  await expect(checkVersion(store, testJob(folder, more))).rejects.toMatchObject(refusal);
  expect(await readJsonRecord<JobRecord>(store, 'test/versions/v1/job.json', 1)).toEqual(testJob(folder));
});

it('a version that was begun by a release with another reader is refused by name, by commands and workers alike', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const store = new FileStore(join(folder, 'out'));
  const job = testJob(folder);
  const { editions: _, ...ofOldRelease } = job;
  await store.put('test/versions/v1/job.json', encodeJson(ofOldRelease));
  const refusal = {
    code: 'EDITION_MISMATCH',
    message: expect.stringMatching(
      /test@v1 .*: reader edition 1 instead of 2, chunker edition 1 instead of 2, word search edition 1 instead of 2$/,
    ),
    remedy: expect.stringMatching(/`version` of its own/),
  };
  await expect(checkVersion(store, job)).rejects.toMatchObject(refusal);
  await expect(createVersion(store, job)).rejects.toMatchObject(refusal);
  await expect(testProcess().open(job)).rejects.toMatchObject(refusal);
});

it('a job that a command of another release prepared is refused before it claims a version', async () => {
  const folder = temporaryFolder();
  const store = new FileStore(join(folder, 'out'));
  const ofLaterRelease = { ...testJob(folder), editions: { ...EDITIONS, chunker: EDITIONS.chunker + 1 } };
  await expect(createVersion(store, ofLaterRelease)).rejects.toMatchObject({
    code: 'EDITION_MISMATCH',
    message: expect.stringMatching(/chunker edition/),
  });
  expect(await store.head('test/versions/v1/job.json')).toBeUndefined();
});

it('a job of another model is refused, and the error speaks of two vector spaces', async () => {
  const folder = temporaryFolder();
  const store = new FileStore(join(folder, 'out'));
  await createVersion(store, testJob(folder));
  const other = testJob(folder, {}, { ...testSignature, name: 'other', weightsSha256: '2'.repeat(64) });
  await expect(checkVersion(store, other)).rejects.toMatchObject({
    code: 'FINGERPRINT_MISMATCH',
    message: expect.stringMatching(/test-embedder .* other .* two vector spaces/),
  });
});

it('of two racing jobs that differ, one claims the version', async () => {
  const folder = temporaryFolder();
  const jobs = [testJob(folder), testJob(folder, { parts: { rows: 5 } })];
  const claims = await Promise.allSettled(
    jobs.map((job) => createVersion(new FileStore(join(folder, 'out')), job)),
  );
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});
