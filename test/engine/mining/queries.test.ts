import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MiningManifest } from '../../../engine/mining/finish-mining.js';
import { documents } from '../../support/test-job.js';
import { jsonRows, mineBelow, pairsOf, versionOf, writePairs } from './mining-support.js';

describe('queries', () => {
  it('come from titles if no pairs are given', async () => {
    const titled = Array.from({ length: 12 }, (_, index) => ({
      _id: `t${String(index).padStart(2, '0')}`,
      title: `Title ${index}`,
      text: `body ${index} of its own`,
    }));
    const folder = await versionOf([...titled, { _id: 'bare', text: 'nothing above it' }]);
    const { rows, report } = await mineBelow(folder, { mining: { num_negatives: 1, near_duplicate: 'off' } });
    expect(rows('jsonl').map(({ anchor, positive }) => [anchor, positive])).toEqual(
      titled.map(({ title, text }) => [title, text]),
    );
    expect(report.plan.counts).toMatchObject({ pairs: 13, emptyQueries: 1, queries: 12 });
  });

  it('come from BEIR queries and judgements, whose unknown queries and documents are counted', async () => {
    const folder = await versionOf(documents(20));
    const queries = ['a', 'b'].map((id) => JSON.stringify({ _id: id, text: `query ${id}` }));
    writeFileSync(join(folder, 'queries.jsonl'), `${queries.join('\n')}\n`);
    writeFileSync(
      join(folder, 'qrels.tsv'),
      'query-id\tcorpus-id\tscore\na\tdoc-1\t1\na\tdoc-2\t0\nb\tnowhere\t1\nc\tdoc-3\t1\n',
    );
    const {
      rows,
      report,
      folder: place,
    } = await mineBelow(folder, {
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
    expect(jsonRows(place, 'left')).toEqual([
      { reason: 'unknown-query', query_id: 'c' },
      { reason: 'unknown-document', query_id: 'b', positive: 'nowhere' },
      { reason: 'no-positive', query_id: 'b' },
    ]);
  });

  it('have positives that are given by the text of a chunk', async () => {
    const folder = await versionOf(documents(20));
    const text = (documents(20)[4] as { text: string }).text;
    const { rows } = await mineBelow(folder, {
      pairs: writePairs(folder, [{ query: 'q', positive: text }]),
      mining: { num_negatives: 1, near_duplicate: 'off' },
    });
    expect(rows('jsonl')[0]).toMatchObject({ anchor: 'q', positive: text });
  });

  it('are reported if they have too few negatives, and none is added to them', async () => {
    const folder = await versionOf(documents(10));
    const { report, folder: place } = await mineBelow(folder, {
      pairs: writePairs(folder, pairsOf(3)),
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

  it('have all chunks of the document whose chunk a pair gives, so that neither these nor copies are negatives', async () => {
    const words = (from: number) => Array.from({ length: 16 }, (_, index) => `Word${from + index}`).join(' ');
    const sentences = [0, 100, 200].map((from) => `${words(from)}.`);
    const lines = [
      { _id: 'copy', text: sentences[2]! },
      { _id: 'positive', text: sentences.join(' ') },
      ...documents(6),
    ];
    const folder = await versionOf(lines, { chunking: { strategy: 'sentence', max_tokens: 24 } });
    const { rows, report } = await mineBelow(folder, {
      pairs: writePairs(folder, [{ query: 'q', positive: sentences[0] }]),
      mining: { num_negatives: 5, range_max: 9 },
    });
    const mined = rows('jsonl');
    expect(new Set(mined.map(({ positive }) => positive))).toEqual(new Set([sentences[0]]));
    expect(mined).toHaveLength(5);
    for (const { negative } of mined) expect(sentences).not.toContain(negative);
    // Which of two equal chunks is the candidate follows from their ids.
    const { positive, positiveDocument = 0, exactDuplicate = 0 } = report.totals.rejected;
    expect({ positive, others: positiveDocument + exactDuplicate }).toEqual({ positive: 1, others: 2 });
  });

  it('have one positive of a document that is named both by its id and by a chunk', async () => {
    const folder = await versionOf(documents(20));
    const { text } = documents(20)[4] as { text: string };
    const { rows } = await mineBelow(folder, {
      pairs: writePairs(folder, [{ query: 'q', positive: ['doc-4', text] }]),
      mining: { num_negatives: 1, near_duplicate: 'off' },
    });
    expect(rows('jsonl').map(({ positive }) => positive)).toEqual([text]);
  });

  it('are listed if they have no positive left, as are the pairs that name unknown documents', async () => {
    const folder = await versionOf(documents(20));
    const pairs = [
      { query: 'a', positive: 'doc-1', query_id: 'qa' },
      { query: 'a', positive: 'doc-77', query_id: 'qa' },
      { query: ' ', positive: 'doc-2' },
      { query: 'b', positive: ['doc-78', 'doc-79'] },
    ];
    const { report, folder: place } = await mineBelow(folder, {
      pairs: writePairs(folder, pairs),
      limits: { unknown_share: 0.6 },
      mining: { num_negatives: 1, near_duplicate: 'off' },
    });
    const lines = readFileSync(join(place, 'left-out.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { reason: 'empty-query', row: 3, positive: 'doc-2' },
      { reason: 'unknown-document', row: 2, query_id: 'qa', positive: 'doc-77' },
      { reason: 'unknown-document', row: 4, query_id: 'query-1', positive: 'doc-78' },
      { reason: 'unknown-document', row: 4, query_id: 'query-1', positive: 'doc-79' },
      { reason: 'no-positive', query_id: 'query-1' },
    ]);
    expect(report.plan.counts).toMatchObject({
      unknownDocuments: 3,
      queriesWithoutPositive: 1,
      emptyQueries: 1,
      queries: 1,
    });
    const { leftOut } = JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8')) as MiningManifest;
    expect(leftOut).toMatchObject({ rows: 5 });
    expect(readFileSync(join(place, 'report.txt'), 'utf8')).toContain('left-out.jsonl');
  });
});
