import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { openStore } from '../../engine/store/open-store.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { listedFiles } from '../support/listed-files.js';
import { requireStack, TEST_BUCKET } from '../support/stack.js';
import { vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
const root = `s3://${TEST_BUCKET}/cli-${randomUUID()}`;
let model: string;
let store: ObjectStore;

beforeAll(async () => {
  requireStack();
  store = openStore(root);
  ({ model } = await tinyDataset(folder.path, { job: { output: root } }));
});

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, etag } of store.list('')) found.push(`${key} ${etag}`);
  return found;
}

test('encode reads from S3 and writes there, and refuses to write a second time', async () => {
  await store.put('texts.jsonl', Buffer.from('{"id": "1", "text": "a b"}\n'));
  const line = [
    'encode',
    '--model',
    model,
    '--input',
    `${root}/texts.jsonl`,
    '--output',
    `${root}/vectors.parquet`,
  ];
  expect(await vectormillJson(...line)).toMatchObject({
    code: 0,
    json: { output: `${root}/vectors.parquet`, rows: 1 },
  });
  const before = await keys();
  expect(await vectormillJson(...line)).toMatchObject({
    code: 2,
    json: { error: { code: 'OUTPUT_EXISTS' } },
  });
  expect(await keys()).toEqual(before);
  const { json } = await vectormillJson('inspect', `${root}/vectors.parquet`);
  expect(json).toMatchObject({ rows: 1, ids: { column: 'id', first: ['1'] } });
});

test('a version is inspected, searched and verified by its place, and reading writes nothing', async () => {
  const before = await keys();
  expect((await vectormillJson('inspect', `${root}/letters`)).json.refs).toMatchObject([{ ref: 'current' }]);
  expect((await vectormillJson('search', `${root}/letters@v1`, 'x y z')).json.hits[0].docId).toBe('second');
  expect(await vectormillJson('verify', 'letters', '--output', root)).toMatchObject({
    code: 0,
    json: { ok: true },
  });
  expect(await vectormillJson('rejects', `${root}/letters`)).toMatchObject({
    code: 0,
    json: { rejects: [] },
  });
  expect(await keys()).toEqual(before);
});

test('a version that is stored in two passes leaves no working files, and is inspected, searched and verified', async () => {
  const int8 = { dataset: 'int8', output: root, vectors: { precision: 'int8' } };
  await tinyDataset(join(folder.path, 'int8'), { job: { ...int8, parts: { rows: 1 } } });
  expect((await keys()).filter((key) => key.includes('/float32/'))).toEqual([]);
  const place = `${root}/int8`;
  const { json } = await vectormillJson('inspect', place);
  expect(json.vectors).toMatchObject({ precision: 'int8', ranges: { min: expect.any(Array) } });
  expect((await vectormill('inspect', place)).stdout).toMatch(
    /vectors +int8, \d+ a row, by one set of ranges/,
  );
  expect((await vectormillJson('search', place, 'x y z')).json.hits[0].docId).toBe('second');
  expect(await vectormillJson('verify', place)).toMatchObject({ code: 0, json: { ok: true } });
});

test('a ref moves only to a version whose files are all in the bucket', async () => {
  const place = `${root}/moved`;
  const job = { dataset: 'moved', output: root };
  const { manifest } = await tinyDataset(join(folder.path, 'moved'), { job });
  expect(await vectormillJson('promote', `${place}@v1`, '--ref', 'good')).toMatchObject({
    code: 0,
    json: { moved: true },
  });
  const { key } = (await listedFiles(store, manifest)).vectorFiles[0]!;
  await store.delete(key);
  const before = await keys();
  expect(await vectormillJson('promote', `${place}@v1`, '--ref', 'next')).toMatchObject({
    code: 1,
    json: { differences: [{ file: `${root}/${key}`, what: 'is missing' }] },
  });
  expect(await keys()).toEqual(before);
});

test('the doctor finds the store and Temporal in order and leaves no probe behind', async () => {
  const before = await keys();
  const { code, json } = await vectormillJson('doctor', '--model', model, '--output', root);
  expect(json.checks.filter(({ status }: { status: string }) => status === 'failed')).toEqual([]);
  expect(code).toBe(0);
  expect(json.checks).toContainEqual(expect.objectContaining({ name: 'store', status: 'ok' }));
  expect(json.checks).toContainEqual(expect.objectContaining({ name: 'temporal', status: 'ok' }));
  expect(await keys()).toEqual(before);
});

test('a missing bucket fails the store check with what to do', async () => {
  const { code, json } = await vectormillJson(
    'doctor',
    '--model',
    model,
    '--output',
    's3://no-such-bucket-here/x',
  );
  expect(code).toBe(1);
  const check = json.checks.find(({ name }: { name: string }) => name === 'store');
  expect(check).toMatchObject({ status: 'failed', remedy: expect.stringMatching(/\w/) });
});
