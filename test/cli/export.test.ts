import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openStore } from '../../engine/store/open-store.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { keepRows } from '../support/dead-rows.js';
import { requireStack, TEST_BUCKET } from '../support/stack.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const cache =
  process.env.VECTORMILL_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vectormill');
const python = join(cache, 'venv-interop', 'bin', 'python');

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let place: string;
let rows: number;

beforeAll(async () => {
  await tinyDataset(folder.path);
  place = at('out', 'letters@v1');
  const store = openStore(at('out'));
  const named = { dataset: 'letters', version: 'v1' };
  await keepRows(store, named, ({ start, end }) => [{ start: start + 1, end }]);
  ({ rows } = (await resolveVersion(store, { dataset: 'letters', selector: 'v1' })).parts);
});

test('an export is written once, and is found to be complete', async () => {
  const { code, stdout } = await vectormill('export', place, at('once'));
  expect(code).toBe(0);
  expect(stdout).toBe(
    `letters@v1: ${rows} rows in file://${at('once')}/chunks and file://${at('once')}/vectors, 1 file each\n`,
  );
  const before = await filesBelow(at('once'));
  const { json } = await vectormillJson('export', place, at('once'));
  expect(json).toEqual({
    output: `file://${at('out')}`,
    dataset: 'letters',
    version: 'v1',
    export: `file://${at('once')}`,
    rows,
    parts: 1,
    written: 0,
  });
  expect((await vectormill('export', place, at('once'))).stdout).toContain('holds all of letters@v1 already');
  expect(await filesBelow(at('once'))).toEqual(before);
});

test.each([
  ['a folder that is not empty', () => at('model'), 'OUTPUT_EXISTS'],
  ['the folder of the dataset', () => at('out', 'letters', 'exported'), 'USAGE'],
  ['a place that no store has', () => 'ftp://host/exported', 'USAGE'],
  ['a place that leads elsewhere', () => 's3://bucket/a/../b', 'USAGE'],
  ['no place', () => '', 'USAGE'],
])('an export to %s is refused, and nothing is written', async (_, target, error) => {
  const before = await filesBelow(folder.path);
  const { code, json } = await vectormillJson('export', place, target());
  expect([code, json.error.code]).toEqual([2, error]);
  expect(await filesBelow(folder.path)).toEqual(before);
});

test('an export to S3 is the same as one to a folder', async () => {
  requireStack();
  const root = `s3://${TEST_BUCKET}/export-${randomUUID()}`;
  expect((await vectormillJson('export', place, root)).json).toMatchObject({
    export: root,
    rows,
    written: 2,
  });
  await vectormill('export', place, at('beside'));
  const store = openStore(root);
  const keys: string[] = [];
  for await (const { key, size } of store.list('')) {
    keys.push(key);
    expect(size).toBe((await openStore(at('beside')).head(key))?.size);
  }
  expect(keys.map((key) => key.split('/')[0])).toEqual(['_SUCCESS', 'chunks', 'export.json', 'vectors']);
  await store.close();
});

test.skipIf(!existsSync(python))('DuckDB reads an export by patterns', async () => {
  await vectormill('export', place, at('patterns'));
  const query = `SELECT text FROM '${at('patterns')}/chunks/*.parquet' JOIN '${at('patterns')}/vectors/*.parquet'
    USING (row_key) ORDER BY row_key`;
  const code = `import duckdb, json, sys; print(json.dumps(duckdb.sql(sys.argv[1]).fetchall()))`;
  const output = execFileSync(python, ['-c', code, query], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual([['x y z'], ['k l m n o p']]);
});
