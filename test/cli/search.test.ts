import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCrossEncoder } from '../../engine/model/cross-encoder/find-cross-encoder.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const SAVED = fileURLToPath(new URL('../fixtures/cross-encoders/saved', import.meta.url));
const PLAIN = fileURLToPath(new URL('../fixtures/cross-encoders/plain', import.meta.url));

const LINES = [
  { _id: 'd1', title: 'One', text: 'b c d', year: 2019, tags: ['x', 'y'] },
  { _id: 'd2', title: 'Two', text: 'x y z', year: 2021, tags: ['y'] },
  { _id: 'd3', text: 'b b k l m n', year: 2022 },
  { _id: 'd4', text: 'p q r' },
];

const folder = useTemporaryFolder();
let place: string;
let model: string;

beforeAll(async () => {
  vi.stubEnv('VECTORMILL_CACHE', join(folder.path, 'cache'));
  const job = { input: { uri: './corpus', columns: { metadata: ['year', 'tags'] } } };
  const made = await tinyDataset(folder.path, { lines: LINES, job });
  model = made.model;
  place = join(made.output, 'letters');
  const other = join(folder.path, 'other');
  cpSync(model, other, { recursive: true });
  const weights = readFileSync(join(other, 'model.safetensors'));
  weights[weights.length - 2]! ^= 1;
  writeFileSync(join(other, 'model.safetensors'), weights);
});

afterAll(() => void vi.unstubAllEnvs());

const search = (...line: string[]) => vectormillJson('search', place, ...line);
const idsOf = (json: { hits: { docId: string }[] }) => json.hits.map(({ docId }) => docId);

describe('search by words', () => {
  test('lists chunks with a word of the query, best first, and says that there are no more', async () => {
    const { code, json } = await search('b c', '--mode', 'bm25');
    expect(code).toBe(0);
    expect(json).toMatchObject({ mode: 'bm25', notes: ['asked for 5; only 2 have a word of the query'] });
    expect(idsOf(json)).toEqual(['d1', 'd3']);
    expect(json.hits[0]).toMatchObject({ title: 'One', text: 'b c d', metadata: { year: 2019 } });
    expect(json.hits[0].stages).toBeUndefined();
  });

  test('finds a title, and nothing for a word that occurs nowhere', async () => {
    expect(idsOf((await search('two', '--mode', 'bm25')).json)).toEqual(['d2']);
    const { code, json } = await search('nowhere', '--mode', 'bm25');
    expect(code).toBe(0);
    expect(json).toMatchObject({ hits: [], notes: ['no chunk has a word of the query'] });
    const { stdout, stderr } = await vectormill('search', place, 'nowhere', '--mode', 'bm25');
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'note: no chunk has a word of the query\n' });
  });
});

describe('search by both', () => {
  test('weighs cosine and BM25 by --alpha, 0.7 by default, and explains every number', async () => {
    for (const alpha of [undefined, 0.25]) {
      const option = alpha === undefined ? [] : ['--alpha', String(alpha)];
      const { json } = await search('b c', '--mode', 'hybrid', '--explain', ...option);
      expect(json.fusion).toEqual({ kind: 'alpha', alpha: alpha ?? 0.7 });
      expect(json.hits).toHaveLength(4);
      const { json: dense } = await search('b c', '--explain');
      const { json: lexical } = await search('b c', '--mode', 'bm25', '--explain');
      const bestCosine = dense.hits[0].score;
      for (const { docId, score, rank, stages } of json.hits) {
        const near = dense.hits.find((hit: { docId: string }) => hit.docId === docId);
        const worded = lexical.hits.find((hit: { docId: string }) => hit.docId === docId);
        expect(stages.dense).toEqual({
          score: near.score,
          rank: near.rank,
          share: (near.score + 1) / (bestCosine + 1),
        });
        expect(stages.bm25.score).toBe(worded?.score ?? 0);
        expect(stages.bm25.rank).toBe(worded?.rank);
        expect(stages.bm25.share).toBe((worded?.score ?? 0) / lexical.hits[0].score);
        const weight = alpha ?? 0.7;
        expect(score).toBeCloseTo(weight * stages.dense.share + (1 - weight) * stages.bm25.share, 12);
        expect(stages.fusion).toEqual({ score, rank });
      }
    }
  });

  test('adds reciprocal ranks with --fusion rrf', async () => {
    const { json } = await search('b c', '--mode', 'hybrid', '--fusion', 'rrf', '--explain');
    expect(json.fusion).toEqual({ kind: 'rrf' });
    for (const { score, stages } of json.hits) {
      expect(stages.dense.share).toBeUndefined();
      const ranks = [stages.dense.rank, stages.bm25.rank].filter((rank) => rank !== undefined);
      expect(score).toBeCloseTo(
        ranks.reduce((sum, rank) => sum + 1 / (60 + rank), 0),
        12,
      );
    }
  });

  test('knows the cosine of a chunk that was found only by its words', async () => {
    const ranks: (number | undefined)[] = [];
    // The model maps both words to the same unknown token, so that only one of the two chunks can
    // be its nearest.
    for (const [query, docId] of [
      ['one', 'd1'],
      ['two', 'd2'],
    ] as const) {
      const { json: all } = await search(query, '--explain');
      const narrow = ['--mode', 'hybrid', '--alpha', '0', '--top', '1', '--candidates', '1', '--explain'];
      const { json } = await search(query, ...narrow);
      expect(idsOf(json)).toEqual([docId]);
      const near = all.hits.find((hit: { docId: string }) => hit.docId === docId);
      expect(json.hits[0].stages.dense.score).toBe(near.score);
      ranks.push(json.hits[0].stages.dense.rank);
    }
    expect(ranks).toContain(undefined);
  });

  test('prints a table of the stages with --explain', async () => {
    const { stdout } = await vectormill(
      'search',
      place,
      'b c',
      '--mode',
      'hybrid',
      '--top',
      '2',
      '--explain',
    );
    const table = stdout.split('\n\n')[1]!.trimEnd().split('\n');
    expect(table[0]).toMatch(/^ +chunk +dense +bm25 +fusion$/);
    expect(table).toHaveLength(3);
    expect(table[1]).toMatch(/^1\. +d1#0 +#1 [\d.]+ \(1\.0000\) +#1 [\d.]+ \(1\.0000\) +#1 1\.0000$/);
  });
});

describe('search with filters', () => {
  test.each([
    [['year>=2021'], ['d2', 'd3']],
    [['year>=2020', 'tags=y'], ['d2']],
    [['tags=x'], ['d1']],
    [['doc_id=d4'], ['d4']],
    [['title=Two'], ['d2']],
  ])('%j finds %j in every mode', async (conditions, expected) => {
    const line = conditions.flatMap((condition) => ['--filter', condition]);
    for (const mode of ['dense', 'hybrid'])
      expect(idsOf((await search('b x', '--mode', mode, ...line)).json).sort()).toEqual(expected);
    const { json } = await search('b x', '--mode', 'bm25', ...line);
    expect(idsOf(json).sort()).toEqual(expected.filter((id) => id !== 'd4'));
  });

  test('that no chunk meets end with success, and say so', async () => {
    const { code, json } = await search('b', '--filter', 'year>3000');
    expect(code).toBe(0);
    expect(json).toMatchObject({ hits: [], notes: ['no chunk meets the filters'] });
  });
});

describe('search by an index', () => {
  const index = ['--index', 'main'];

  beforeAll(async () => {
    for (const metric of ['cosine', 'dot'])
      await vectormill(
        'index',
        'build',
        place,
        ...['--name', metric === 'cosine' ? 'main' : metric],
        ...['--metric', metric, '--precision', 'float32', '--exact-below', '0', '--recall', '0.5'],
      );
  });

  test.each([
    ['words and vectors', ['--mode', 'hybrid', '--explain']],
    ['ranks', ['--mode', 'hybrid', '--fusion', 'rrf', '--explain']],
    ['filters', ['--filter', 'year>=2021', '--explain']],
    ['filters that let one chunk pass', ['--filter', 'tags=x', '--mode', 'hybrid', '--explain']],
    ['a cross-encoder', ['--rerank', SAVED, '--rerank-top', '2']],
  ])('with %s finds the same as comparing all vectors', async (_, options) => {
    const { json: exact } = await search('b c', ...options);
    const { json } = await search('b c', ...options, ...index);
    expect(json.index).toBe('main');
    expect(json.notes).toEqual(exact.notes);
    expect(idsOf(json)).toEqual(idsOf(exact));
    for (const [place, { score, stages }] of json.hits.entries()) {
      expect(score).toBeCloseTo(exact.hits[place].score, 6);
      expect(Object.keys(stages ?? {})).toEqual(Object.keys(exact.hits[place].stages ?? {}));
    }
  });

  test('whose scores are not cosines is fused by ranks, and refused with weights', async () => {
    const line = ['b c', '--mode', 'hybrid', '--index', 'dot'];
    const { code, json } = await search(...line);
    expect({ code, error: json.error.code, remedy: json.error.remedy }).toEqual({
      code: 2,
      error: 'USAGE',
      remedy: expect.stringMatching(/rrf/),
    });
    expect((await search(...line, '--fusion', 'rrf')).code).toBe(0);
  });
});

test('a version without chunks can be searched in every mode, and is reported to have none', async () => {
  const empty = temporaryFolder();
  const { output } = await tinyDataset(empty, {
    lines: [{ _id: 'blank', text: '' }],
    job: { limits: { reject_share: 1 } },
  });
  for (const mode of ['dense', 'bm25', 'hybrid']) {
    const { code, json } = await vectormillJson('search', join(output, 'letters'), 'a', '--mode', mode);
    expect({ code, hits: json.hits }).toEqual({ code: 0, hits: [] });
    expect(json.notes).toContain('asked for 5; there are only 0 to search');
  }
});

describe('search with an odd query', () => {
  test.each([
    ['of stop words', 'to be or not to be', ['the query has no words but stop words']],
    ['of punctuation', '?!', ['the query has no words but stop words']],
    ['of an emoji', '👩‍👩‍👧', ['the query has no words but stop words']],
    ['of a word that is nowhere', 'zzz', ['no chunk has a word of the query']],
  ])('%s says what was not searched for', async (_, query, notes) => {
    const lexical = await search(query, '--mode', 'bm25');
    expect(lexical).toMatchObject({ code: 0, json: { hits: [], notes } });
    const hybrid = await search(query, '--mode', 'hybrid', '--top', '4');
    expect(hybrid.json.notes).toEqual([`${notes[0]}: only the vectors were compared`]);
    expect(idsOf(hybrid.json)).toEqual(idsOf((await search(query, '--top', '4')).json));
  });

  test.each([
    ['zero-width and combining characters', 'b\u200d\u0301 c\ufeff'],
    ['right-to-left and full-width ones', 'ｂ \u202e שלום c'],
    ['a replacement character and a line break', 'b\ufffd\nc'],
  ])('of %s is answered', async (_, query) => {
    for (const mode of ['dense', 'bm25', 'hybrid'])
      expect((await search(query, '--mode', mode)).code).toBe(0);
  });

  test('that is longer than the model reads says so', async () => {
    const long = Array.from({ length: 40 }, () => 'b').join(' ');
    const { json } = await search(long, '--top', '4');
    expect(json.notes).toEqual([
      'the query fills the 16 tokens that the model reads; what follows was passed over',
    ]);
    expect((await search(long, '--top', '2', '--mode', 'bm25')).json.notes).toEqual([]);
  });
});

test('for more chunks than exist returns all of them, and says so', async () => {
  const { code, json } = await search('b', '--top', '1000');
  expect(code).toBe(0);
  expect(json.hits).toHaveLength(4);
  expect(json.notes).toEqual(['asked for 1,000; there are only 4 to search']);
});

describe('search with --rerank', () => {
  test.each(['dense', 'bm25', 'hybrid'])('puts the chunks of %s in the order of the model', async (mode) => {
    const line = ['b c x', '--mode', mode, '--explain'];
    const { json: first } = await search(...line);
    const { json } = await search(...line, '--rerank', SAVED);
    const encoder = await openCrossEncoder({ source: SAVED, sessions: 1 });
    const scores = new Map<string, number>();
    for (const { docId, title, text } of first.hits) {
      const [score] = await encoder.score([['b c x', title ? `${title} ${text}` : text]]);
      scores.set(docId, score!);
    }
    await encoder.close();
    expect(idsOf(json).sort()).toEqual(idsOf(first).sort());
    for (const [place, { docId, score, stages }] of json.hits.entries()) {
      expect(score).toBeCloseTo(scores.get(docId)!, 5);
      expect(stages.rerank).toEqual({ score, rank: place + 1 });
      if (place > 0) expect(score).toBeLessThanOrEqual(json.hits[place - 1].score);
      const { rerank: _, ...earlier } = stages;
      expect(earlier).toEqual(first.hits.find((hit: { docId: string }) => hit.docId === docId).stages);
    }
  });

  test('leaves chunks below --rerank-top in their places', async () => {
    const { json: first } = await search('b c x', '--explain');
    const { json } = await search('b c x', '--rerank', SAVED, '--rerank-top', '2', '--explain');
    expect(idsOf(json).slice(2)).toEqual(idsOf(first).slice(2));
    expect(idsOf(json).slice(0, 2).sort()).toEqual(idsOf(first).slice(0, 2).sort());
    expect(json.hits.map(({ stages }: { stages: { rerank?: unknown } }) => !!stages.rerank)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('considers more chunks than --top', async () => {
    const { json } = await search('b c x', '--rerank', SAVED, '--top', '1');
    const { json: all } = await search('b c x', '--rerank', SAVED);
    expect(idsOf(json)).toEqual(idsOf(all).slice(0, 1));
  });
});

describe('search refuses, and writes nothing,', () => {
  test.each<[string, () => string[], string, RegExp]>([
    ['an unknown field', () => ['b', '--filter', 'yaer=2020'], 'USAGE', /year, tags, doc_id, title/],
    ['a filter that is none', () => ['b', '--filter', 'year'], 'USAGE', /language=en/],
    ['an order of words', () => ['b', '--filter', 'year>=soon'], 'USAGE', /year>=2020/],
    ['--alpha without two stages', () => ['b', '--alpha', '0.5'], 'USAGE', /hybrid/],
    ['--alpha above 1', () => ['b', '--mode', 'hybrid', '--alpha', '1.5'], 'USAGE', /--help/],
    [
      '--alpha with ranks',
      () => ['b', '--mode', 'hybrid', '--fusion', 'rrf', '--alpha', '1'],
      'USAGE',
      /one of/,
    ],
    ['an unknown mode', () => ['b', '--mode', 'sparse'], 'USAGE', /--help/],
    ['a model for words alone', () => ['b', '--mode', 'bm25', '--model', model], 'USAGE', /hybrid/],
    ['an index for words alone', () => ['b', '--mode', 'bm25', '--index', 'main'], 'USAGE', /hybrid/],
    ['an index that is not there', () => ['b', '--index', 'nowhere'], 'INDEX_NOT_FOUND', /main/],
    ['--rerank-top alone', () => ['b', '--rerank-top', '3'], 'USAGE', /--rerank/],
    ['an empty query', () => [' ', '--mode', 'hybrid'], 'USAGE', /quotes/],
    ['an unknown reranker', () => ['b', '--rerank', 'no-such-model'], 'MODEL_NOT_FOUND', /path/],
    ['a model that embeds', () => ['b', '--rerank', model], 'MODEL_UNSUPPORTED', /./],
    ['a reranker with several labels', () => ['b', '--rerank', PLAIN], 'USAGE', /one label/],
    [
      'a query model of another space',
      () => ['b', '--mode', 'hybrid', '--model', join(folder.path, 'other')],
      'FINGERPRINT_MISMATCH',
      /re-embed/,
    ],
    [
      'a query model that is nowhere',
      () => ['b', '--mode', 'hybrid', '--model', join(folder.path, 'none')],
      'MODEL_NOT_FOUND',
      /./,
    ],
    ['a query of 9,000 bytes', () => ['b'.repeat(9000)], 'USAGE', /./],
  ])('%s', async (_, line, code, remedy) => {
    const files = await filesBelow(folder.path);
    const { code: exit, json } = await search(...line());
    expect(exit).toBe(2);
    expect(json.error.code).toBe(code);
    expect(json.error.remedy).toMatch(remedy);
    expect(await filesBelow(folder.path)).toEqual(files);
  });
});

test('the index of words is kept in the cache', async () => {
  await search('b', '--mode', 'bm25');
  expect(existsSync(join(folder.path, 'cache', 'lexical'))).toBe(true);
});
