import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IndexRequest } from '../../../core/index/choose-parameters.js';
import type { IndexManifest } from '../../../core/index/index-manifest.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { denseStage } from '../../../engine/search/dense-stage.js';
import { exactRows } from '../../../engine/search/exact-rows.js';
import { lexicalIndexOf } from '../../../engine/search/lexical-index.js';
import { verifyVersionQuickly } from '../../../engine/verify/verify-version.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { build } from '../../engine/index/build.js';
import { mineBelow, pairsOf, writePairs } from '../../engine/mining/mining-support.js';
import { useTemporaryFolder } from '../../engine/model/temporary-folder.js';
import { jobWithParent, runToEnd } from '../../support/nights-of-a-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, writeCorpus } from '../../support/test-job.js';

const REQUEST: IndexRequest = {
  metric: 'cosine',
  precision: 'float32',
  recallTarget: 0.9,
  exactBelow: 0,
  shardRows: 40,
};
const made = useTemporaryFolder();
let child: ReadableVersion;
let manifest: IndexManifest;

/** Makes two nights with an index each. In the second, documents are edited, deleted and added. */
beforeAll(async () => {
  writeCorpus(made.path, { 'a.jsonl': documents(160) });
  const parent = await runToEnd(await jobWithParent(made.path, 'n1'));
  await build(parent, 'main', REQUEST);
  const edited = documents(160)
    .map((line, place) => (place % 20 === 7 ? { _id: `doc-${place}`, text: `edited ${place}` } : line))
    .filter((_, place) => place % 40 !== 13);
  writeCorpus(made.path, { 'a.jsonl': edited, 'b.jsonl': documents(5, 20, 'added') });
  child = await runToEnd(await jobWithParent(made.path, 'n2'));
  ({ manifest } = await build(child, 'main', REQUEST));
});

describe('the index of a version that carries rows over', () => {
  it("searches the parent's graphs, and compares new rows", async () => {
    expect(child.job).toMatchObject({ carry: { version: 'n1' } });
    for (const { key } of manifest.shards) expect(key).toContain('/n1/index/');
    const rowsOf = (member: 'rows' | 'liveRows') =>
      manifest.shards.reduce((sum, shard) => sum + shard[member], 0);
    expect([rowsOf('rows'), rowsOf('liveRows')]).toEqual([160, 148]);
    expect(manifest.delta?.rows).toBe(13);
    const index = await openIndex(child, 'main');
    const search = denseStage(child, testEmbedder(), index);
    for (const query of ['doc 7', 'edited 7', 'doc 13', 'added 2']) {
      const { vectors } = await testEmbedder().embed([query], { prompt: 'query' });
      for (const k of [1, 10, 1000]) {
        const { nearest } = await search(query, { k });
        const exact = await exactRows(child, 'cosine', vectors, { k });
        expect(nearest.map(({ row }) => row)).toEqual(exact.nearest.map(({ row }) => row));
      }
    }
    await index.close();
  });

  it('indexes by words only the chunks that its parent does not have', async () => {
    const open = (selector: string) => resolveVersion(child.store, { dataset: 'test', selector });
    const indexed: Record<string, number> = {};
    for (const version of ['n1', 'n2']) {
      const index = await lexicalIndexOf(await open(version), (_, total) => {
        indexed[version] = total;
      });
      expect((await index.scores('doc')).length).toBe(version === 'n1' ? 160 : 161);
      await index.close();
    }
    expect(indexed).toEqual({ n1: 160, n2: 13 });
  });

  it('finds the same candidates for mining as a comparison with all rows', async () => {
    const pairs = writePairs(made.path, pairsOf(13));
    const job = { version: 'n2', pairs, scores: true, mining: { num_negatives: 8, near_duplicate: 'off' } };
    const exact = await mineBelow(made.path, { ...job, name: 'exact' });
    const indexed = await mineBelow(made.path, { ...job, name: 'indexed', candidates: { index: 'main' } });
    const negatives = (rows: Record<string, unknown>[]) => rows.map((row) => row.negatives ?? row.negative);
    expect(negatives(indexed.rows('jsonl'))).toEqual(negatives(exact.rows('jsonl')));
    expect(indexed.report.candidates).toMatchObject({ by: 'index', name: 'main' });
  });

  it('is verified with the graphs of earlier versions, and one that is gone is named', async () => {
    expect((await verifyVersionQuickly(child)).differences).toEqual([]);
    const { key } = manifest.shards[0]!;
    rmSync(join(made.path, 'out', key));
    const file = `${child.store.root}/${key}`;
    expect((await verifyVersionQuickly(child)).differences).toEqual([{ file, what: 'is missing' }]);
    await expect(openIndex(child, 'main')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND', file });
  });
});
