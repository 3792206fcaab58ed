import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tableFromIPC } from 'apache-arrow';
import { readParquet as readWasm } from 'parquet-wasm/node';
import { describe, expect, it } from 'vitest';
import type { CrossEncoder } from '../../../engine/model/cross-encoder.js';
import type { Embedder } from '../../../engine/model/embedder.js';
import { filesBelow } from '../../cli/command-line.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { TEST_DIMENSIONS, testEmbedder } from '../../support/test-embedder.js';
import { documents, type Line, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';
import { jsonRows, mineBelow } from './mining-support.js';

const QUERIES = 12;
const CROSS_ENCODER = fileURLToPath(new URL('../../fixtures/cross-encoders/saved', import.meta.url));

async function version(lines: readonly Line[], more: Record<string, unknown> = {}): Promise<string> {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': lines });
  await runJob(testProcess(), testJob(folder, more));
  return folder;
}

function writePairs(folder: string, pairs: readonly object[]): string {
  writeFileSync(join(folder, 'pairs.jsonl'), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  return './pairs.jsonl';
}

const PAIRS = Array.from({ length: QUERIES }, (_, index) => ({
  query: `question ${index}`,
  positive: `doc-${index}`,
  query_id: `q${index}`,
}));

/** Of every row, in order. */
function readTable(folder: string, split = 'train'): Record<string, unknown>[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(split))
    .sort()
    .flatMap((name) =>
      tableFromIPC(readWasm(readFileSync(join(folder, name))).intoIPCStream())
        .toArray()
        .map((row) => JSON.parse(JSON.stringify(row)) as Record<string, unknown>),
    );
}

describe('mined triplets', () => {
  it('are the same rows in Parquet and JSONL, with where each comes from beside them', async () => {
    const folder = await version(documents(40));
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
    const folder = await version(documents(30), { vectors: { precision } });
    const { report } = await mineBelow(folder, {
      pairs: writePairs(folder, PAIRS),
      mining: { near_duplicate: 'off' },
    });
    expect(report.totals.negatives).toBe(QUERIES * 3);
  });

  it('are exactly the nearest chunks, over files of a few rows each', async () => {
    const folder = await version(documents(60));
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

  it("never have another chunk of a positive's document, nor a copy of a positive, as a negative", async () => {
    const words = (from: number) => Array.from({ length: 40 }, (_, index) => `word${from + index}`).join(' ');
    const positive = `${words(0)}. ${words(40)}. ${words(80)}.`;
    const lines = [
      { _id: 'positive', text: positive },
      { _id: 'near', text: positive.replace('word7 ', 'other ') },
      ...Array.from({ length: 6 }, (_, index) => ({
        _id: `other-${index}`,
        text: words(1000 * (index + 1)),
      })),
    ];
    const folder = await version(lines, { chunking: { strategy: 'sentence', max_tokens: 32 } });
    const chunks = await mineBelow(folder, {
      pairs: writePairs(folder, [{ query: 'q', positive: 'positive' }]),
      mining: { num_negatives: 4, range_max: 8 },
    });
    const lineage = readTable(join(chunks.folder, 'lineage'));
    const negatives = lineage.map(({ doc_ids }) => (doc_ids as string[])[1]!);
    expect(negatives.length).toBeGreaterThan(0);
    expect(negatives.every((id) => id.startsWith('other-'))).toBe(true);
    expect(chunks.report.totals.rejected.positiveDocument).toBeGreaterThan(0);
    expect(chunks.report.falseNegativeRejects.nearDuplicate).toBeGreaterThan(0);
  });

  it('reject a document with the same text as a positive, wherever the two come in the corpus', async () => {
    const [first, ...others] = documents(20);
    const copy = { _id: 'copy', text: (first as { text: string }).text };
    for (const lines of [
      [copy, first!, ...others],
      [first!, ...others, copy],
    ]) {
      const folder = await version(lines);
      const { rows, report } = await mineBelow(folder, {
        pairs: writePairs(folder, [{ query: copy.text, positive: 'doc-0' }]),
        mining: { near_duplicate: 'off' },
      });
      expect(rows('jsonl').some(({ negative }) => negative === copy.text)).toBe(false);
      expect(report.totals.negatives).toBe(3);
    }
  });

  it('report queries that are short of negatives, and pad nothing', async () => {
    const folder = await version(documents(10));
    const { report, folder: place } = await mineBelow(folder, {
      pairs: writePairs(folder, PAIRS.slice(0, 3)),
      mining: { num_negatives: 2, max_score: -0.9 },
    });
    expect(report.totals).toMatchObject({ shortQueries: 3, queriesWithoutNegatives: 3, negatives: 0 });
    expect(jsonRows(join(place, 'short'), 'train').map(({ query_id }) => query_id)).toEqual([
      'q0',
      'q1',
      'q2',
    ]);
    expect(existsSync(join(place, 'parquet'))).toBe(false);
  });

  it('keep every document on one side of the split', async () => {
    const folder = await version(documents(60));
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

  it('leave out what the cross-encoder takes for an answer, and what it did not look at', async () => {
    const folder = await version(documents(40));
    const asked: string[] = [];
    const encoder = {
      score: async (pairs) =>
        Float32Array.from(pairs, ([, text]) => {
          asked.push(text);
          return /^doc \d*[02468] /.test(text) ? 0.9 : 0.1;
        }),
    } as Pick<CrossEncoder, 'score'> as CrossEncoder;
    const {
      rows,
      report,
      folder: place,
    } = await mineBelow(
      folder,
      {
        pairs: writePairs(folder, PAIRS.slice(0, 4)),
        cross_encoder: { model: CROSS_ENCODER, top: 12, max_cross_score: 0.5 },
        mining: { near_duplicate: 'off' },
      },
      { withCrossEncoder: (_, use) => use(encoder) },
    );
    expect(rows('jsonl').length).toBeGreaterThan(0);
    for (const { negative } of rows('jsonl')) expect(negative).toMatch(/^doc \d*[13579] /);
    expect(report.falseNegativeRejects.crossScore).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(4 * 12);
    const { cross_scores } = readTable(join(place, 'lineage'))[0]!;
    expect((cross_scores as number[])[1]).toBeCloseTo(0.1, 6);
  });

  it('come from titles where no pairs are given', async () => {
    const titled = Array.from({ length: 12 }, (_, index) => ({
      _id: `t${index}`,
      title: `Title ${index}`,
      text: `body ${index} of its own`,
    }));
    const folder = await version([...titled, { _id: 'bare', text: 'nothing above it' }]);
    const { rows, report } = await mineBelow(folder, { mining: { num_negatives: 1, near_duplicate: 'off' } });
    expect(rows('jsonl').map(({ anchor, positive }) => [anchor, positive])).toEqual(
      titled.map(({ title, text }) => [title, text]),
    );
    expect(report.plan.counts).toMatchObject({ pairs: 13, emptyQueries: 1, queries: 12 });
  });

  it('come from BEIR queries and judgements, whose unknown queries and documents are counted', async () => {
    const folder = await version(documents(20));
    const queries = ['a', 'b'].map((id) => JSON.stringify({ _id: id, text: `query ${id}` }));
    writeFileSync(join(folder, 'queries.jsonl'), `${queries.join('\n')}\n`);
    writeFileSync(
      join(folder, 'qrels.tsv'),
      'query-id\tcorpus-id\tscore\na\tdoc-1\t1\na\tdoc-2\t0\nb\tnowhere\t1\nc\tdoc-3\t1\n',
    );
    const { rows, report } = await mineBelow(folder, {
      beir: { queries: './queries.jsonl', qrels: './qrels.tsv' },
      limits: { unknown_share: 0.5 },
      mining: { num_negatives: 1, near_duplicate: 'off' },
    });
    expect(rows('jsonl').map(({ anchor }) => anchor)).toEqual(['query a']);
    expect(report.plan.counts).toMatchObject({
      unknownDocuments: 1,
      unknownQueries: 1,
      queriesWithoutPositive: 1,
    });
  });

  it('read positives given by the text of a chunk', async () => {
    const folder = await version(documents(20));
    const text = (documents(20)[4] as { text: string }).text;
    const { rows } = await mineBelow(folder, {
      pairs: writePairs(folder, [{ query: 'q', positive: text }]),
      mining: { num_negatives: 1, near_duplicate: 'off' },
    });
    expect(rows('jsonl')[0]).toMatchObject({ anchor: 'q', positive: text });
  });

  it('are exported for FlagEmbedding and Tevatron', async () => {
    const folder = await version(documents(20));
    const { rows } = await mineBelow(folder, {
      pairs: writePairs(folder, PAIRS.slice(0, 2)),
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

describe('mining that was stopped', () => {
  it('picks up what is there, embeds nothing twice and ends with the same files', async () => {
    const folder = await version(documents(40));
    const job = { pairs: writePairs(folder, PAIRS), mining: { near_duplicate: 'off' } };
    const { folder: place } = await mineBelow(folder, job);
    const whole = await filesBelow(place);
    for (const name of ['manifest.json', 'report.json', 'commits', 'parquet'])
      rmSync(join(place, name), { recursive: true });
    const never: Embedder = {
      ...testEmbedder(),
      embed: async () => {
        throw new Error('embedded again');
      },
    };
    await mineBelow(folder, job, { embedder: never });
    expect(await filesBelow(place)).toEqual(whole);
  });

  it('by a job with other values is refused under the same name', async () => {
    const folder = await version(documents(20));
    const pairs = writePairs(folder, PAIRS);
    await mineBelow(folder, { pairs });
    await expect(mineBelow(folder, { pairs, mining: { num_negatives: 2 } })).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      message: expect.stringMatching(/for: selection$/),
    });
    await expect(mineBelow(folder, { pairs, limits: { unknown_share: 0.2 } })).resolves.toBeDefined();
  });
});

describe('mining is refused before anything is written', () => {
  it.each([
    [
      'over too many unknown documents',
      [
        { query: 'q', positive: 'doc-0' },
        { query: 'r', positive: 'no' },
      ],
      {},
      'INPUT_UNSUPPORTED',
    ],
    [
      'where no query has a positive',
      [{ query: 'q', positive: 'no' }],
      { limits: { unknown_share: 1 } },
      'INPUT_EMPTY',
    ],
    [
      'for more candidates than there are chunks',
      [{ query: 'q', positive: 'doc-0' }],
      { mining: { range_max: 50 } },
      'JOB_INVALID',
    ],
    [
      'for more negatives than there are chunks',
      [{ query: 'q', positive: 'doc-0' }],
      { mining: { num_negatives: 50 } },
      'JOB_INVALID',
    ],
    ['for a pair without a positive', [{ query: 'q' }], {}, 'INPUT_DAMAGED'],
  ] as const)('%s', async (_, pairs, more, code) => {
    const folder = await version(documents(20));
    const before = await filesBelow(folder);
    const uri = writePairs(folder, pairs);
    await expect(mineBelow(folder, { pairs: uri, ...more })).rejects.toMatchObject({ code });
    rmSync(join(folder, 'pairs.jsonl'));
    expect(await filesBelow(folder)).toEqual(before);
  });

  it('over a vector file that was changed, which is CHECKSUM_MISMATCH', async () => {
    const folder = await version(documents(20));
    const shard = join(folder, 'out/test/versions/v1/vectors/00000000');
    const file = join(shard, readdirSync(shard)[0]!);
    const bytes = readFileSync(file);
    bytes[200]! ^= 1;
    writeFileSync(file, bytes);
    await expect(mineBelow(folder, { pairs: writePairs(folder, PAIRS) })).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
    });
  });

  it('for a query model of another fingerprint', async () => {
    const folder = await version(documents(20));
    const embedder = testEmbedder({ ...testEmbedder().signature, maxTokens: 16 });
    await expect(mineBelow(folder, { pairs: writePairs(folder, PAIRS) }, { embedder })).rejects.toMatchObject(
      {
        code: 'FINGERPRINT_MISMATCH',
      },
    );
  });
});
