import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { MiningPlan } from '../../../core/mining/mining-records.js';
import type { CrossEncoder } from '../../../engine/model/cross-encoder.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { encodeJson } from '../../../engine/version/create-once.js';
import { parseRecord } from '../../../engine/version/read-json-record.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { documents } from '../../support/test-job.js';
import { build } from '../index/build.js';
import { mineBelow, readTable, versionOf, writePairs } from './mining-support.js';

const CROSS_ENCODER = fileURLToPath(new URL('../../fixtures/cross-encoders/saved', import.meta.url));

/**
 * Four questions, each of which is also a document of the corpus, among documents that no question
 * is about.
 */
const QUESTIONS = ['who may leave', 'when is it due', 'how are refs moved', 'where do files lie'];
const CORPUS = [
  ...QUESTIONS.map((text, index) => ({ _id: `q${index}`, title: `Question ${index}`, text })),
  ...documents(20),
];
const pairs = (more: (index: number) => object = () => ({})) =>
  QUESTIONS.map((query, index) => ({ query, positive: `doc-${index}`, ...more(index) }));

/** Returns the documents of all negatives. */
const negativesOf = (folder: string) =>
  readTable(join(folder, 'lineage')).map(({ doc_ids }) => (doc_ids as string[])[1]!);

describe('a query that is a document of the corpus', () => {
  it('is not its own negative, and is counted', async () => {
    const folder = await versionOf(CORPUS);
    const job = { pairs: writePairs(folder, pairs()), mining: { num_negatives: 3 } };
    const { report, folder: place, rows } = await mineBelow(folder, job);
    for (const { anchor, negative } of rows('jsonl')) expect(negative).not.toBe(anchor);
    expect(negativesOf(place)).toHaveLength(12);
    expect(report.totals.rejected.queryItself).toBe(4);
    const text = readFileSync(join(place, 'report.txt'), 'utf8');
    expect(text).toContain('  4 the query itself');
  });

  it('is found by its id if its text is different', async () => {
    const folder = await versionOf(CORPUS);
    const other = pairs((index) => ({ query: `in other words ${index}`, query_id: `q${index}` }));
    const job = {
      pairs: writePairs(folder, other),
      mining: { num_negatives: 22, near_duplicate: 'off' },
      name: 'ids',
    };
    const { report, folder: place } = await mineBelow(folder, job);
    const rows = readTable(join(place, 'lineage'));
    for (const { query_id, doc_ids } of rows) expect(doc_ids).not.toContain(query_id);
    expect([rows.length, report.totals.rejected.queryItself]).toEqual([4 * 22, 4]);
  });

  it('is found among judged queries whose ids documents have', async () => {
    const folder = await versionOf(CORPUS);
    const lines = QUESTIONS.map((text, index) => JSON.stringify({ _id: `q${index}`, text: `${text}?` }));
    const qrels = QUESTIONS.map((_, index) => `q${index}\tdoc-${index}\t1`);
    await writeFile(join(folder, 'queries.jsonl'), lines.join('\n'));
    await writeFile(join(folder, 'qrels.tsv'), ['query-id\tcorpus-id\tscore', ...qrels].join('\n'));
    const beir = { queries: './queries.jsonl', qrels: './qrels.tsv' };
    const { report } = await mineBelow(folder, {
      beir,
      mining: { num_negatives: 22, near_duplicate: 'off' },
    });
    expect(report.totals.rejected.queryItself).toBe(4);
    expect(report.totals.negatives).toBe(4 * 22);
  });

  it('is found under a title that is embedded with it, and under several', async () => {
    const copies = QUESTIONS.map((text, index) => ({ _id: `copy${index}`, title: 'Another', text }));
    const folder = await versionOf([...CORPUS, ...copies], { chunking: { prefix: ['title'] } });
    const job = { pairs: writePairs(folder, pairs()), mining: { num_negatives: 15 } };
    const { report, rows } = await mineBelow(folder, job);
    for (const { anchor, negative } of rows('jsonl')) expect(negative).not.toContain(anchor);
    expect(report.totals.rejected.queryItself).toBeGreaterThan(4);
  });

  it('stays the positive that the pair names, and a copy of a positive is counted as one', async () => {
    const folder = await versionOf(CORPUS);
    const own = pairs((index) => ({ positive: `q${index}`, query_id: `q${index}` }));
    const { report, rows } = await mineBelow(folder, { pairs: writePairs(folder, own) });
    for (const { anchor, positive, negative } of rows('jsonl'))
      expect([positive, negative === anchor]).toEqual([anchor, false]);
    expect(report.totals.rejected).toMatchObject({ positive: 4 });
    expect(report.totals.rejected.queryItself).toBeUndefined();
  });

  it('is left out if an index finds the candidates', async () => {
    const folder = await versionOf(CORPUS);
    const store = openStore(`file://${folder}/out`);
    const version = await resolveVersion(store, { dataset: 'test', selector: 'current' });
    await build(version, 'main', { metric: 'cosine', recallTarget: 0.5, exactBelow: 0 });
    const job = { pairs: writePairs(folder, pairs()), candidates: { index: 'main' } };
    const { report, rows } = await mineBelow(folder, job);
    for (const { anchor, negative } of rows('jsonl')) expect(negative).not.toBe(anchor);
    expect(report.totals.rejected.queryItself).toBe(4);
  });

  it('is not scored by the cross-encoder if its id shows what it is', async () => {
    const folder = await versionOf(CORPUS);
    const asked: string[] = [];
    const encoder = {
      score: async (some) => {
        asked.push(...some.map(([, text]) => text));
        return new Float32Array(some.length).fill(0.1);
      },
    } as Pick<CrossEncoder, 'score'> as CrossEncoder;
    const ids = pairs((index) => ({ query_id: `q${index}` }));
    const { report, rows } = await mineBelow(
      folder,
      {
        pairs: writePairs(folder, ids.slice(0, 1)),
        cross_encoder: { model: CROSS_ENCODER, top: 24, max_cross_score: 0.5 },
      },
      { withCrossEncoder: (_, use) => use(encoder) },
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(asked).not.toContain(QUESTIONS[0]);
    for (const { anchor, negative } of rows('jsonl')) expect(negative).not.toBe(anchor);
    expect(report.totals.rejected.queryItself).toBe(1);
  });

  it('stays a candidate in the plan of an old release, so that all shards are written in the same way', async () => {
    const folder = await versionOf(CORPUS);
    const job = { pairs: writePairs(folder, pairs()) };
    const { report } = await mineBelow(folder, job, { store: oldPlans });
    expect(report.plan.rejectsQueries).toBeUndefined();
    expect(report.totals.rejected.queryItself).toBeUndefined();
    expect(report.hardness.shareAbovePositive).toBeGreaterThan(0.3);
  });
});

/**
 * Stores in which a plan has the form that old releases wrote, which kept queries among the
 * candidates.
 */
function oldPlans(root: string): ObjectStore {
  const store = openStore(root);
  const put = store.put.bind(store);
  store.put = (key, body, options) => {
    if (!key.endsWith('/plan.json')) return put(key, body, options);
    const { rejectsQueries: _, ...plan } = parseRecord<MiningPlan>(body as Uint8Array, 1, key);
    return put(key, encodeJson(plan), options);
  };
  return store;
}

describe('a note in the report', () => {
  it('says that negatives score above their positive if no margin keeps them away', async () => {
    const folder = await versionOf(documents(20));
    const some = documents(4).map((_, index) => ({ query: `question ${index}`, positive: `doc-${index}` }));
    const file = writePairs(folder, some);
    const plain = await mineBelow(folder, { pairs: file });
    expect(plain.report.hardness.shareAbovePositive).toBeGreaterThan(0.1);
    expect(plain.report.notes).toEqual([expect.stringMatching(/^\d+\.\d% of the negatives .*95-percent/)]);
    expect(readFileSync(join(plain.folder, 'report.txt'), 'utf8')).toContain(
      `note: ${plain.report.notes![0]}`,
    );
    const margin = await mineBelow(folder, { pairs: file, name: 'm', mining: { preset: '95-percent' } });
    expect(margin.report.notes).toEqual([]);
  });

  it('says that titles are queries and part of the chunks that answer them', async () => {
    const titled = documents(12).map((one, index) => ({ ...(one as object), title: `title ${index}` }));
    const mining = { preset: '95-percent', num_negatives: 1 };
    const prefixed = await versionOf(titled, { chunking: { prefix: ['title'] } });
    const said = [expect.stringMatching(/^12 of 12 queries are the title .*chunking\.prefix/)];
    expect((await mineBelow(prefixed, { mining })).report.notes).toEqual(said);
    const named = titled.map(({ title }, index) => ({ query: `${title} `, positive: `doc-${index}` }));
    const byPairs = { mining, name: 'pairs', pairs: writePairs(prefixed, named) };
    expect((await mineBelow(prefixed, byPairs)).report.notes).toEqual(said);
    const plain = await versionOf(titled);
    expect((await mineBelow(plain, { mining })).report.notes).toEqual([]);
  });
});
