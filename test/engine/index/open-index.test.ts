import type { Index } from 'usearch';
import { expect, it } from 'vitest';
import { MemoryGraph } from '../../../engine/index/memory-graph.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { searchIndex } from '../../../engine/index/search-index.js';
import { openStore } from '../../../engine/store/open-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { eachRow, randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 16;

it.each([
  ['one shard is mapped', [randomRows(150, DIMENSIONS)], false],
  ['two shards is read', [randomRows(80, DIMENSIONS), randomRows(70, DIMENSIONS, 1)], true],
])('an int8 graph with rows of %s if it may be mapped', async (_, files, isRead) => {
  const version = await writeVectorVersion(openStore(temporaryFolder()), { dimensions: DIMENSIONS, files });
  await build(version, 'main', { ...SMALL_GRAPHS, shardRows: 1000 });
  const [read, mapped] = [
    await openIndex(version, 'main'),
    await openIndex(version, 'main', { mapped: true }),
  ];
  const graph = mapped.graphs[0]!.graph as Index | MemoryGraph;
  expect(graph instanceof MemoryGraph).toBe(isRead);
  const queries = eachRow(randomRows(20, DIMENSIONS, 5), DIMENSIONS);
  expect(await searchIndex(version, mapped, queries, 5)).toEqual(
    await searchIndex(version, read, queries, 5),
  );
});
