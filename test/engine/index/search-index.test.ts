import { describe, expect, it } from 'vitest';
import { openIndex } from '../../../engine/index/open-index.js';
import { searchIndex } from '../../../engine/index/search-index.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { eachRow, randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 16;
const rows = [randomRows(90, DIMENSIONS), randomRows(50, DIMENSIONS, 1)] as const;
/** The first row of each file. */
const queries = rows.map((file) => file.slice(0, DIMENSIONS));

function versionOf(files: readonly Float32Array[], store: ObjectStore = openStore(temporaryFolder())) {
  return writeVectorVersion(store, { dimensions: DIMENSIONS, files });
}

/** Opens both kinds of index of a version. */
async function bothIndexes(version: ReadableVersion) {
  await build(version, 'graph', SMALL_GRAPHS);
  await build(version, 'exact', { ...SMALL_GRAPHS, exactBelow: 1e6 });
  return [await openIndex(version, 'graph'), await openIndex(version, 'exact')];
}

describe('searching an index', () => {
  it('gives one list a query, the same from graphs, loaded or mapped, as from all rows', async () => {
    const version = await versionOf(rows);
    const indexes = await bothIndexes(version);
    indexes.push(await openIndex(version, 'graph', { mapped: true }));
    const many = eachRow(randomRows(100, DIMENSIONS, 5), DIMENSIONS);
    const lists = await Promise.all(indexes.map((index) => searchIndex(version, index, many, 1)));
    expect(lists[0]).toHaveLength(100);
    expect(lists[2]).toEqual(lists[0]);
    const same = lists[0]!.filter(([first], query) => first!.rowKey === lists[1]![query]![0]!.rowKey);
    expect(same.length).toBeGreaterThanOrEqual(95);
    expect(await searchIndex(version, indexes[0]!, [], 5)).toEqual([]);
    for (const index of indexes) await index.close();
  });

  it('lets other work of the process run between queries', async () => {
    const version = await versionOf(rows);
    await build(version, 'graph', SMALL_GRAPHS);
    const index = await openIndex(version, 'graph');
    const many = Array.from({ length: 1000 }, () => queries[0]!);
    await searchIndex(version, index, many.slice(0, 1), 1);
    let turns = 0;
    const count = () => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await searchIndex(version, index, many, 1);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('gives all rows where more are asked for than exist', async () => {
    const version = await versionOf(rows);
    for (const index of await bothIndexes(version)) {
      for (const list of await searchIndex(version, index, queries, 5000))
        expect(new Set(list.map(({ rowKey }) => rowKey)).size).toBe(140);
      await index.close();
    }
  });

  it('skips a shard without rows', async () => {
    const version = await versionOf([rows[0], new Float32Array(0), rows[1]]);
    for (const index of await bothIndexes(version)) {
      const found = await searchIndex(version, index, queries, 1);
      expect(found.map(([first]) => first!.rowKey)).toEqual([0n, 2n << 32n]);
      await index.close();
    }
  });

  it('of a version without rows is refused when it is built', async () => {
    const version = await versionOf([new Float32Array(0)]);
    await expect(build(version, 'main', SMALL_GRAPHS)).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
  });

  it('with a query of other dimensions is refused', async () => {
    const version = await versionOf(rows);
    for (const index of await bothIndexes(version)) {
      await expect(searchIndex(version, index, [new Float32Array(32)], 1)).rejects.toMatchObject({
        code: 'INDEX_MISMATCH',
        message: expect.stringContaining('32 dimensions'),
      });
      await index.close();
    }
  });

  it('fails with the name of the vector file that was damaged after the build', async () => {
    const version = await versionOf(rows);
    const indexes = await bothIndexes(version);
    const { key } = version.parts.at(1)!.vectors;
    const bytes = Buffer.from(await version.store.get(key));
    bytes[bytes.length >> 1]! ^= 1;
    await version.store.put(key, bytes);
    for (const index of indexes)
      await expect(searchIndex(version, index, queries, 140)).rejects.toMatchObject({
        code: 'CHECKSUM_MISMATCH',
        file: `${version.store.root}/${key}`,
      });
    for (const index of indexes) await index.close();
  });
});
