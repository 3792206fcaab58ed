import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TEST_DIMENSIONS, testEmbedder } from '../../support/test-embedder.js';
import { documents } from '../../support/test-job.js';
import { mineBelow, pairsOf, readTable, versionOf, writePairs } from './mining-support.js';

const QUERIES = 12;
const PAIRS = pairsOf(QUERIES);

describe('mined triplets', () => {
  it('are the same rows in Parquet and JSONL, with files beside them that say where each comes from', async () => {
    const folder = await versionOf(documents(40));
    const {
      rows,
      folder: place,
      report,
    } = await mineBelow(folder, {
      pairs: writePairs(folder, PAIRS),
      scores: true,
      mining: { near_duplicate: 'off' },
    });
    const lines = rows('jsonl');
    expect(lines).toHaveLength(QUERIES * 3);
    expect(report.totals).toMatchObject({ queries: QUERIES, trainingRows: QUERIES * 3, shortQueries: 0 });
    const table = readTable(join(place, 'parquet'));
    expect(Object.keys(table[0]!)).toEqual(['anchor', 'positive', 'negative', 'scores']);
    expect(table.map(({ anchor, positive, negative }) => ({ anchor, positive, negative }))).toEqual(
      lines.map(({ anchor, positive, negative }) => ({ anchor, positive, negative })),
    );
    const lineage = readTable(join(place, 'lineage'));
    expect(lineage).toHaveLength(lines.length);
    const textOf = new Map(
      documents(40).map((line) => [(line as { _id: string })._id, (line as { text: string }).text]),
    );
    for (const [row, { doc_ids, ranks, query_id }] of lineage.entries()) {
      const [positive, negative] = doc_ids as string[];
      expect(lines[row]).toMatchObject({ positive: textOf.get(positive!), negative: textOf.get(negative!) });
      expect(lines[row]!.anchor).toBe(`question ${String(query_id).slice(1)}`);
      expect((ranks as number[])[0]).toBe(0);
      expect((ranks as number[])[1]).toBeGreaterThan(0);
    }
  });

  it.each(['float16', 'int8', 'binary'])('come from vectors of any precision: %s', async (precision) => {
    const folder = await versionOf(documents(30), { vectors: { precision } });
    const { report } = await mineBelow(folder, {
      pairs: writePairs(folder, PAIRS),
      mining: { near_duplicate: 'off' },
    });
    expect(report.totals.negatives).toBe(QUERIES * 3);
  });

  it('are exactly the nearest chunks, over files of a few rows each', async () => {
    const folder = await versionOf(documents(60));
    const { rows } = await mineBelow(folder, {
      pairs: writePairs(folder, PAIRS),
      scores: true,
      mining: { num_negatives: 5, near_duplicate: 'off' },
    });
    const embedder = testEmbedder();
    const texts = documents(60).map((line) => (line as { text: string }).text);
    const { vectors } = await embedder.embed(texts);
    for (const [index, { query }] of PAIRS.entries()) {
      const target = (await embedder.embed([query])).vectors;
      const expected = texts
        .map((text, row) => ({
          text,
          row,
          score: target.reduce((sum, value, at) => sum + value * vectors[row * TEST_DIMENSIONS + at]!, 0),
        }))
        .filter(({ row }) => row !== index)
        .sort((a, b) => b.score - a.score)
        .slice(0, 5);
      const mined = rows('jsonl').filter((row) => row.anchor === query);
      expect(mined.map(({ negative }) => negative)).toEqual(expected.map(({ text }) => text));
    }
  });

  it('keep every document on one side of the split', async () => {
    const folder = await versionOf(documents(60));
    const pairs = Array.from({ length: 40 }, (_, index) => ({
      query: `question ${index}`,
      positive: [`doc-${index}`, `doc-${(index * 7) % 40}`],
    }));
    const { folder: place, report } = await mineBelow(folder, {
      pairs: writePairs(folder, pairs),
      split: { dev_share: 0.4, seed: 5 },
      mining: { num_negatives: 2, near_duplicate: 'off' },
    });
    const sides = ['train', 'dev'].map(
      (split) =>
        new Set(readTable(join(place, 'lineage'), split).flatMap(({ doc_ids }) => doc_ids as string[])),
    );
    expect(sides[0]!.size).toBeGreaterThan(0);
    expect(sides[1]!.size).toBeGreaterThan(0);
    expect([...sides[0]!].filter((id) => sides[1]!.has(id))).toEqual([]);
    expect(report.bySplit.train.queries + report.bySplit.dev.queries).toBe(40);
  });

  it('keep equal texts of two documents on one side of the split', async () => {
    const lines = documents(30) as { _id: string; text: string }[];
    const copies = lines.map((line) => ({ ...line, _id: `copy-of-${line._id}` }));
    const folder = await versionOf([...lines, ...copies]);
    const pairs = [...lines, ...copies].map(({ _id }, index) => ({
      query: `question ${index}`,
      positive: _id,
    }));
    const { rows } = await mineBelow(folder, {
      pairs: writePairs(folder, pairs),
      split: { dev_share: 0.4, seed: 5 },
      mining: { num_negatives: 2, near_duplicate: 'off' },
    });
    const [train, dev] = ['train', 'dev'].map(
      (split) => new Set(rows('jsonl', split).flatMap(({ positive, negative }) => [positive, negative])),
    );
    expect(train!.size).toBeGreaterThan(0);
    expect(dev!.size).toBeGreaterThan(0);
    expect([...train!].filter((text) => dev!.has(text))).toEqual([]);
  });

  it('are exported for FlagEmbedding and Tevatron', async () => {
    const folder = await versionOf(documents(20));
    const { rows } = await mineBelow(folder, {
      pairs: writePairs(folder, pairsOf(2)),
      scores: true,
      exports: ['flagembedding', 'tevatron'],
      mining: { num_negatives: 2, near_duplicate: 'off' },
    });
    const [flag] = rows('flagembedding');
    expect(Object.keys(flag!)).toEqual(['query', 'pos', 'neg', 'pos_scores', 'neg_scores']);
    expect(flag!.neg).toHaveLength(2);
    const [tevatron] = rows('tevatron');
    expect(tevatron).toMatchObject({ query_id: 'q0', query: 'question 0' });
    expect(Object.keys((tevatron!.positive_passages as object[])[0]!)).toEqual(['docid', 'title', 'text']);
  });
});
