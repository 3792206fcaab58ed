import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { Table as WasmTable, writeParquet } from 'parquet-wasm/node';
import { expect, test } from 'vitest';
import { describeFile } from '../../../engine/parquet/describe-file.js';
import { writeTextVectorFile } from '../../../engine/parquet/text-vector-file.js';
import { openStore } from '../../../engine/store/open-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

test('a file of another writer is described, too', async () => {
  const store = openStore(temporaryFolder());
  const years = Int32Array.from([2000, 2001, 2002]);
  const stream = tableToIPC(tableFromArrays({ year: years, _id: ['a', 'b', 'c'] }), 'stream');
  // The defaults of this writer: another codec than ours, dictionaries, statistics.
  await store.put('other.parquet', writeParquet(WasmTable.fromIPCStream(stream)));
  const description = await describeFile(store, 'other.parquet', 2);
  expect(description).toMatchObject({ rows: 3, rowGroups: 1, ids: { column: '_id', first: ['a', 'b'] } });
  expect(description.columns.map(({ name, type }) => [name, type])).toEqual([
    ['year', 'int32'],
    ['_id', 'string'],
  ]);
});

test('the dimensions of vectors are shown, and no more ids than there are rows', async () => {
  const store = openStore(temporaryFolder());
  const vectors = new Float32Array(2 * 5);
  await store.put(
    'v.parquet',
    writeTextVectorFile(
      { ids: ['1', '2'], vectors, dimensions: 5, encoding: { precision: 'float32' } },
      { model: 'm' },
    ),
  );
  const description = await describeFile(store, 'v.parquet', 10);
  expect(description.columns).toContainEqual({ name: 'vector', type: 'list<float>[5]', nullable: false });
  expect(description.ids).toEqual({ column: 'id', first: ['1', '2'] });
  expect(description.footer['vectormill.model']).toBe('m');
  expect(Object.keys(description.footer)).not.toContain('ARROW:schema');
});

test("a damaged file and a missing one have different errors, each with the file's name", async () => {
  const store = openStore(temporaryFolder());
  await store.put('bad.parquet', Buffer.from('PAR1 nothing that a footer would be PAR1'));
  await expect(describeFile(store, 'bad.parquet', 1)).rejects.toMatchObject({
    code: 'FILE_DAMAGED',
    file: `${store.root}/bad.parquet`,
  });
  await expect(describeFile(store, 'none.parquet', 1)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
});
