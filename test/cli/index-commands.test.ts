import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
let place: string;

beforeAll(async () => {
  await tinyDataset(folder.path);
  place = join(folder.path, 'out', 'letters');
});

describe('index build', () => {
  test('publishes a graph, which list shows, verify checks and search uses', async () => {
    const line = ['index', 'build', place, '--name', 'graph', '--exact-below', '0', '--recall', '0.9'];
    const built = await vectormillJson(...line);
    expect(built).toMatchObject({
      code: 0,
      json: { kind: 'hnsw', standing: false, reusedShards: 0, source: { rows: 3 }, gate: { target: 0.9 } },
    });
    expect((await vectormillJson('index', 'list', place)).json).toMatchObject([{ name: 'graph' }]);
    expect((await vectormill('index', 'list', place)).stdout).toMatch(/^graph {2}hnsw {2}cosine {2}3 rows/);
    expect((await vectormill('index', 'verify', place, '--name', 'graph')).code).toBe(0);
    const exact = await vectormillJson('search', place, 'x y z', '--top', '2');
    const { json } = await vectormillJson('search', place, 'x y z', '--top', '2', '--index', 'graph');
    expect(json.hits.map(({ docId }: { docId: string }) => docId)).toEqual(
      exact.json.hits.map(({ docId }: { docId: string }) => docId),
    );
    expect(json.hits[0].score).toBeCloseTo(exact.json.hits[0].score, 6);
    const again = await vectormill(...line);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('has this index already') });
  });

  test('makes few rows searchable exactly, and says why', async () => {
    const { code, stdout } = await vectormill('index', 'build', place);
    expect(code).toBe(0);
    expect(stdout).toMatch(/exact search, because 3 rows are fewer than/);
    const { stdout: hits, stderr } = await vectormill(
      'search',
      place,
      'a b c',
      '--index',
      'main',
      '--top',
      '9',
    );
    expect(hits).toMatch(/^1\. 1\.0000 {2}first · One/);
    expect(stderr).toContain('asked for 9; there are only 3 to search');
  });

  test.each([
    ['a name that leads elsewhere', ['--name', '../x'], 'USAGE'],
    ['a recall above 1', ['--recall', '1.5'], 'USAGE'],
    ['a recall of 0', ['--recall', '0'], 'USAGE'],
    ['an unknown metric', ['--metric', 'manhattan'], 'USAGE'],
    ['too little memory', ['--memory', '1B', '--exact-below', '0'], 'USAGE'],
    ['no size', ['--memory', 'much'], 'USAGE'],
  ])('with %s is refused and writes nothing', async (_, options, code) => {
    const before = await filesBelow(folder.path);
    const outcome = await vectormillJson('index', 'build', place, ...options);
    expect(outcome).toMatchObject({ code: 2, json: { error: { code } } });
    expect(await filesBelow(folder.path)).toEqual(before);
  });

  test('another index of the same name is refused', async () => {
    await vectormill('index', 'build', place);
    const outcome = await vectormillJson('index', 'build', place, '--metric', 'l2');
    expect(outcome).toMatchObject({ code: 2, json: { error: { code: 'OUTPUT_EXISTS' } } });
  });

  test('a search with an index that does not exist names those that do', async () => {
    await vectormill('index', 'build', place);
    const outcome = await vectormillJson('search', place, 'a', '--index', 'other');
    expect(outcome).toMatchObject({
      code: 2,
      json: { error: { code: 'INDEX_NOT_FOUND', remedy: expect.stringContaining('main') } },
    });
    expect(await readdir(join(place, 'versions', 'v1', 'index'))).not.toContain('other');
  });
});
