import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SecondManifest } from '../../../core/manifest.js';
import { openStore } from '../../../engine/store/open-store.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { editRecord } from '../../support/edit-record.js';
import { listedFiles, writeFirstManifest } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

const MANIFEST = 'test/versions/v1/manifest.json';

const FIRST_FORMAT = { formatVersion: 1, vectorFiles: [], rejectFiles: [] };

let folder: string;
let manifest: SecondManifest;

beforeEach(async () => {
  folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': [...documents(8, 20), '{"broken"'], 'b.jsonl': documents(6, 20, 'b') });
  manifest = (await runJob(testProcess(), testJob(folder))) as SecondManifest;
});

const pathOf = (key: string) => join(folder, 'out', key);
const store = () => openStore(join(folder, 'out'));
const open = () => resolveVersion(store(), { dataset: 'test', selector: 'v1' });

function edit(change: (listed: SecondManifest) => object): void {
  editRecord(pathOf(MANIFEST), change);
}

describe('a version whose files are in lists', () => {
  test('has the files that the same version lists in the first format', async () => {
    const second = await listedFiles(store(), manifest);
    const first = await writeFirstManifest(store(), { dataset: 'test', version: 'v1' });
    expect(second).toEqual({
      chunkFiles: first.chunkFiles,
      vectorFiles: first.vectorFiles,
      rejectFiles: first.rejectFiles,
    });
    const { parts, rejectFiles, manifest: read } = await open();
    expect(read).toEqual(first);
    expect(rejectFiles).toEqual(first.rejectFiles);
    expect([...parts].map(({ chunks }) => chunks)).toEqual(first.chunkFiles);
    expect(parts.rows).toBe(first.totals.chunks);
  });

  test('keeps its manifest small: it counts files, and names none', () => {
    const text = readFileSync(pathOf(MANIFEST), 'utf8');
    expect(text).not.toContain('part-0');
    const { lists } = manifest;
    for (const { rows, key } of [...lists.parts, ...lists.outputs.dense.pieces]) {
      expect(rows).toBeGreaterThan(3);
      expect(key).toContain('test/versions/v1/lists/');
    }
  });

  test.each([
    ['changed', 'CHECKSUM_MISMATCH', (path: string) => writeFileSync(path, 'PAR1')],
    ['removed', 'OBJECT_NOT_FOUND', (path: string) => rmSync(path)],
  ])('is not read if one of them was %s', async (_, code, damage) => {
    for (const { key } of [manifest.lists.parts[0]!, manifest.lists.rejects[0]!]) {
      const bytes = readFileSync(pathOf(key));
      damage(pathOf(key));
      await expect(open()).rejects.toMatchObject({ code });
      writeFileSync(pathOf(key), bytes);
    }
    await open();
  });

  test.each<[string, (listed: SecondManifest) => object]>([
    ['names no lists', ({ lists: _, ...others }) => others],
    [
      'lists vector files of other parts',
      (listed) => ({ ...listed, lists: { ...listed.lists, outputs: { dense: { pieces: [] } } } }),
    ],
    ['has the format of a later release', (listed) => ({ ...listed, formatVersion: 3 })],
    ['is of the first format, and lists no files', () => ({ formatVersion: 1 })],
    ['is a list', () => []],
    ['names no origins', ({ origins: _, ...others }) => others],
    ['does not name an origin that is listed', (listed) => ({ ...listed, origins: [] })],
    ['names an origin that leads out of the dataset', (listed) => ({ ...listed, origins: ['../v1'] })],
    ['has no totals', ({ totals: _, ...others }) => others],
    ['says nothing of the model', ({ signature: _, ...others }) => others],
    ['has pieces without keys', (listed) => ({ ...listed, lists: { ...listed.lists, rejects: [{}] } })],
    ['has files without rows', (listed) => ({ ...listed, ...FIRST_FORMAT, chunkFiles: [{ key: 'a' }] })],
  ])('is not read if its manifest %s', async (_, change) => {
    edit(change);
    await expect(open()).rejects.toMatchObject({
      code: 'FILE_DAMAGED',
      file: expect.stringContaining(MANIFEST),
    });
  });
});
