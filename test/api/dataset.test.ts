import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Dataset, openDataset, openModel } from '../../api/index.js';
import { vectormill } from '../cli/command-line.js';
import { tinyDataset } from '../cli/tiny-dataset.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';

const LINES = [
  { _id: 'd1', title: 'One', text: 'b c d', year: 2019 },
  { _id: 'd2', title: 'Two', text: 'x y z', year: 2021 },
  { _id: 'd3', text: 'b b k l m n', year: 2022 },
];

const folder = useTemporaryFolder();
let place: string;
let model: string;
let dataset: Dataset | undefined;

beforeAll(async () => {
  const job = {
    input: { uri: './corpus', columns: { metadata: ['year'] } },
    vectors: { precision: 'int8' },
  };
  const made = await tinyDataset(folder.path, { lines: LINES, job });
  model = made.model;
  place = join(made.output, 'letters');
  await vectormill('index', 'build', place, '--name', 'main', '--metric', 'cosine');
});

afterEach(async () => {
  await dataset?.close();
  dataset = undefined;
});

const open = async (at = place): Promise<Dataset> => {
  dataset = await openDataset(at);
  return dataset;
};

async function tablesOf(from: Dataset): Promise<Table[]> {
  const tables: Table[] = [];
  for await (const table of from.readVectors()) tables.push(table);
  return tables;
}

describe('a dataset', () => {
  test('says which version it is, by ref, by version and by URI', async () => {
    for (const at of [place, `${place}@v1`, `file://${place}@current`]) {
      const opened = await open(at);
      expect(opened).toMatchObject({ dataset: 'letters', version: 'v1', documents: 3, dimensions: 12 });
      expect(opened.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      await opened.close();
    }
  });

  test.each([
    ['letters', 'USAGE', './out/letters'],
    ['./out/../', 'USAGE', 'Names are'],
    ['s3://bucket/../letters', 'USAGE', 'without'],
    ['', 'USAGE', 'Names are'],
    ['./nowhere/letters', 'DATASET_NOT_FOUND', 'Check'],
  ])('%j is refused as %s', async (at, code, remedy) => {
    await expect(openDataset(at)).rejects.toMatchObject({ code, remedy: expect.stringContaining(remedy) });
  });

  test('another version is not found by name', async () => {
    await expect(openDataset(`${place}@v9`)).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
  });
});

describe('search', () => {
  test('finds chunks by vectors, words, both, and an index, with their documents', async () => {
    const opened = await open();
    const dense = await opened.search('x y z', { top: 2 });
    expect(dense).toHaveLength(2);
    expect(dense[0]).toMatchObject({ rank: 1, docId: 'd2', title: 'Two', text: 'x y z' });
    expect(dense[0]).toMatchObject({ metadata: { year: 2021 } });
    expect(Object.keys(dense[0]!)).not.toContain('stages');
    const idsOf = async (...search: Parameters<Dataset['search']>) =>
      (await opened.search(...search)).map(({ docId }) => docId);
    expect(await idsOf('c', { mode: 'bm25' })).toEqual(['d1']);
    expect((await idsOf('x y z', { mode: 'hybrid' }))[0]).toBe('d2');
    expect((await idsOf('x y z', { mode: 'hybrid', fusion: { kind: 'rrf' } }))[0]).toBe('d2');
    expect((await idsOf('x y z', { index: 'main' }))[0]).toBe('d2');
    expect(await idsOf('x y z', { filters: ['year>=2019', 'year<2021'] })).toEqual(['d1']);
    expect(await idsOf('x y z', { filters: ['year=1'] })).toEqual([]);
  });

  test('runs side by side with one model', async () => {
    const opened = await open();
    const found = await Promise.all(['b c d', 'x y z', 'b b k l m n'].map((query) => opened.search(query)));
    expect(found.map(([first]) => first?.docId)).toEqual(['d1', 'd2', 'd3']);
  });

  test.each([
    ['an empty query', ' ', {}],
    ['no hits', 'x', { top: 0 }],
    ['a part of a hit', 'x', { top: 1.5 }],
    ['too many hits', 'x', { top: 1001 }],
    ['another mode', 'x', { mode: 'sparse' as never }],
    ['a weight beyond 1', 'x', { mode: 'hybrid' as const, fusion: { kind: 'alpha' as const, alpha: 2 } }],
    ['words by an index of vectors', 'x', { mode: 'bm25' as const, index: 'main' }],
    ['a filter on no field', 'x', { filters: ['colour=red'] }],
  ])('%s is refused', async (_, query, options) => {
    await expect((await open()).search(query, options)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('an index that is not there is named, and the dataset stays usable', async () => {
    const opened = await open();
    await expect(opened.search('x', { index: 'other' })).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
    expect(await opened.search('x y z', { top: 1 })).toHaveLength(1);
  });
});

describe('vectors as Arrow', () => {
  test('are those of the model, up to what int8 keeps, with the ids of their chunks', async () => {
    const opened = await open();
    const tables = await tablesOf(opened);
    const [table] = tables as [Table];
    expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'row_key Uint64',
      'chunk_id Utf8',
      'doc_id Utf8',
      'text_sha256 Utf8',
      'vector FixedSizeList[12]<Float32>',
    ]);
    const rows = tables.flatMap((each) => each.toArray()) as { doc_id: string; vector: Iterable<number> }[];
    expect(rows.map((row) => row.doc_id)).toEqual(['d1', 'd2', 'd3']);
    await using embedder = await openModel(model, { maxTokens: 16 });
    expect(embedder.fingerprint).toBe(opened.fingerprint);
    const { vectors } = await embedder.embed(['x y z']);
    const stored = [...rows[1]!.vector];
    for (const [index, value] of stored.entries()) expect(value).toBeCloseTo(vectors[index]!, 1);
  });

  test('can be sent on by IPC', async () => {
    const [table] = await tablesOf(await open());
    expect(tableFromIPC(tableToIPC(table!)).numRows).toBe(table!.numRows);
  });
});

describe('after close', () => {
  test('searches and reads are refused, and a second close does nothing', async () => {
    const opened = await open();
    await opened.search('x y z');
    await opened.close();
    await opened.close();
    await expect(opened.search('x')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('closed'),
    });
    await expect(tablesOf(opened)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('a model that this machine no longer has is named by the first search that needs it', async () => {
  const opened = await open();
  rmSync(join(model, 'model.safetensors'));
  expect(await opened.search('c', { mode: 'bm25' })).toHaveLength(1);
  await expect(opened.search('c')).rejects.toMatchObject({ code: expect.stringMatching(/^MODEL_/) });
});
