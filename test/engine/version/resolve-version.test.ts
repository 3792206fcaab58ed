import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileStore } from '../../../engine/store/file-store.js';
import { moveRef } from '../../../engine/version/move-ref.js';
import { listVersions, parseDatasetName, resolveVersion } from '../../../engine/version/resolve-version.js';
import { refMove } from '../../support/ref-move.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, startVersion, testProcess } from '../../support/test-tools.js';

it.each([
  ['wiki', { dataset: 'wiki', selector: 'current' }],
  ['wiki@v2', { dataset: 'wiki', selector: 'v2' }],
  ['wiki@candidate', { dataset: 'wiki', selector: 'candidate' }],
])('the name %s is parsed as a dataset and a selector', (text, expected) => {
  expect(parseDatasetName(text)).toEqual(expected);
});

it('a version is found by its name and by the refs that point to it, and a ref has precedence over a version of its name', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  await runJob(testProcess(), testJob(folder, { version: 'v1' }));
  await runJob(testProcess(), testJob(folder, { version: 'v2', ref: 'none' }));
  const store = new FileStore(join(folder, 'out'));
  const versionOf = async (selector: string) =>
    (await resolveVersion(store, { dataset: 'test', selector })).location.version;
  expect(await versionOf('current')).toBe('v1');
  expect(await versionOf('v2')).toBe('v2');
  await moveRef(store, { ...refMove('v2', 0), ref: 'v1' });
  expect(await versionOf('v1')).toBe('v2');
  expect(await listVersions(store, 'test')).toEqual(['v1', 'v2']);
});

it('a missing version is refused, and the error lists what exists', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const store = new FileStore(join(folder, 'out'));
  await expect(resolveVersion(store, { dataset: 'test', selector: 'v1' })).rejects.toMatchObject({
    code: 'DATASET_NOT_FOUND',
  });
  await startVersion(testProcess(), testJob(folder));
  await expect(resolveVersion(store, { dataset: 'test', selector: 'v1' })).rejects.toMatchObject({
    code: 'VERSION_NOT_FOUND',
    message: expect.stringContaining('no manifest yet'),
  });
  await expect(resolveVersion(store, { dataset: 'test', selector: 'v9' })).rejects.toMatchObject({
    code: 'VERSION_NOT_FOUND',
    remedy: expect.stringContaining('v1'),
  });
});
