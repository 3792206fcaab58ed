import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_ALPHA, reciprocalRankFusion, weightedFusion } from '../../../core/search/fusion.js';
import type { RetrievalMethod } from '../../../engine/evaluation/retrieval-method.js';
import { retrieve } from '../../../engine/evaluation/retrieve.js';
import { openCrossEncoder } from '../../../engine/model/cross-encoder/find-cross-encoder.js';
import type { CrossEncoder } from '../../../engine/model/cross-encoder.js';
import { TEST_DIMENSIONS, testEmbedder } from '../../support/test-embedder.js';

const SAVED = fileURLToPath(new URL('../../fixtures/cross-encoders/saved', import.meta.url));
const embedder = testEmbedder();

/**
 * Document `d…` holds the divisors of its number as words, so that some words are rare and some are
 * everywhere.
 */
const documents = Array.from({ length: 40 }, (_, number) => {
  const words = Array.from({ length: number + 1 }, (_, index) => index + 1).filter(
    (divisor) => (number + 1) % divisor === 0,
  );
  return { id: `d${String(number + 1).padStart(2, '0')}`, text: words.map((word) => `w${word}`).join(' ') };
});
const queries = ['w7 w2', 'w13', 'w1', 'nowhere'].map((text) => ({ id: text, text }));
const task = {
  documents: async function* () {
    yield* documents;
  },
  documentIds: documents.map(({ id }) => id),
  queries,
};
const all = { k: 40, ignoreIdenticalIds: false };
const hybrid = (fusion: Extract<RetrievalMethod, { mode: 'hybrid' }>['fusion'], candidates = 100) =>
  ({ mode: 'hybrid', embedder, fusion, candidates }) as const;

async function cosinesTo(text: string): Promise<number[]> {
  const { vectors } = await embedder.embed([text, ...documents.map((document) => document.text)]);
  const row = (index: number) => vectors.subarray(index * TEST_DIMENSIONS, (index + 1) * TEST_DIMENSIONS);
  return documents.map((_, index) => row(index + 1).reduce((sum, value, at) => sum + value * row(0)[at]!, 0));
}

describe('retrieval by words', () => {
  test('finds the documents with a word of the query and no others, rare words first', async () => {
    const { rankings, tokens } = await retrieve(task, { mode: 'bm25' }, all);
    expect([...rankings.get('w13')!].sort()).toEqual(['d13', 'd26', 'd39']);
    expect(rankings.get('w13')![0]).toBe('d13');
    expect(rankings.get('w7 w2')!.slice(0, 2).sort()).toEqual(['d07', 'd14']);
    expect(rankings.get('w1')).toHaveLength(40);
    expect(rankings.get('nowhere')).toEqual([]);
    expect(tokens).toBe(0);
  });

  test('puts documents of equal score in the order of trec_eval, the last id first', async () => {
    const { rankings } = await retrieve(task, { mode: 'bm25' }, all);
    // Primes have two divisors each, so that these documents are equally long.
    const primes = rankings.get('w1')!.filter((id) => ['d03', 'd05', 'd07', 'd37'].includes(id));
    expect(primes).toEqual(['d37', 'd07', 'd05', 'd03']);
  });
});

test('every method gives the same rankings in whatever order the documents come', async () => {
  // Documents of equal texts have equal scores by all methods.
  const repeated = documents.map(({ id, text }) => ({ id: `copy of ${id}`, text }));
  const rankingsOf = async (some: readonly { id: string; text: string }[]) => {
    const inOrder = {
      queries,
      documentIds: some.map(({ id }) => id),
      documents: async function* () {
        yield* some;
      },
    };
    const methods: RetrievalMethod[] = [
      { mode: 'dense', embedder },
      { mode: 'bm25' },
      hybrid({ kind: 'rrf' }, 9),
      hybrid({ kind: 'alpha', alpha: 0.7 }, 9),
    ];
    const found = [];
    for (const method of methods) found.push((await retrieve(inOrder, method, { ...all, k: 7 })).rankings);
    return found;
  };
  const expected = await rankingsOf([...documents, ...repeated]);
  const shuffled = fc.shuffledSubarray([...documents, ...repeated], { minLength: 2 * documents.length });
  await fc.assert(
    fc.asyncProperty(shuffled, async (some) => {
      expect(await rankingsOf(some)).toEqual(expected);
    }),
    { numRuns: 5 },
  );
});

describe('retrieval by both', () => {
  test('is the fusion of what each stage finds, with the cosine of documents that only words found', async () => {
    const { rankings: byWords } = await retrieve(task, { mode: 'bm25' }, { ...all, k: 5 });
    const { rankings: near } = await retrieve(task, { mode: 'dense', embedder }, { ...all, k: 5 });
    const { rankings } = await retrieve(task, hybrid({ kind: 'rrf' }, 5), { ...all, k: 5 });
    for (const { id } of queries) {
      const rows = [near, byWords].map((found) => found.get(id)!.map((name) => Number(name.slice(1))));
      const scores = new Map(reciprocalRankFusion(rows).map(({ row, score }) => [row, score]));
      const found = rankings.get(id)!.map((name) => scores.get(Number(name.slice(1))));
      expect(found).toEqual([...scores.values()].slice(0, 5));
    }
  });

  test('weighs cosine and BM25, where 1 is the order of vectors and 0 that of words', async () => {
    const { rankings: near } = await retrieve(task, { mode: 'dense', embedder }, all);
    const { rankings: byWords } = await retrieve(task, { mode: 'bm25' }, all);
    const byVectors = await retrieve(task, hybrid({ kind: 'alpha', alpha: 1 }), all);
    const lexical = await retrieve(task, hybrid({ kind: 'alpha', alpha: 0 }), all);
    for (const { id } of queries) {
      expect(byVectors.rankings.get(id)).toEqual(near.get(id));
      expect(lexical.rankings.get(id)!.slice(0, byWords.get(id)!.length)).toEqual(byWords.get(id));
    }
    const { rankings } = await retrieve(task, hybrid({ kind: 'alpha', alpha: DEFAULT_ALPHA }), all);
    const cosines = await cosinesTo('nowhere');
    const expected = weightedFusion(
      cosines.map((dense, row) => ({ row, dense, lexical: 0 })),
      DEFAULT_ALPHA,
    );
    expect(rankings.get('nowhere')).toEqual(expected.map(({ row }) => documents[row]!.id));
  });
});

test('retrieval with a cross-encoder puts the first documents in its order and keeps the others behind them', async () => {
  const encoder: CrossEncoder = await openCrossEncoder({ source: SAVED, sessions: 1 });
  try {
    const seen: [number, number][] = [];
    const { rankings: first } = await retrieve(task, { mode: 'dense', embedder }, { ...all, k: 8 });
    const rerank = { encoder, top: 6, onPairs: (...progress: [number, number]) => void seen.push(progress) };
    const { rankings } = await retrieve(task, { mode: 'dense', embedder }, { ...all, k: 8, rerank });
    for (const { id, text } of queries) {
      const ranked = await encoder.rank(
        text,
        first
          .get(id)!
          .slice(0, 6)
          .map((name) => documents[Number(name.slice(1)) - 1]!.text),
      );
      const expected = ranked.map(({ index }) => first.get(id)![index]!);
      expect(rankings.get(id)).toEqual([...expected, ...first.get(id)!.slice(6)]);
    }
    expect(seen.at(-1)).toEqual([24, 24]);
    const narrow = await retrieve(task, { mode: 'dense', embedder }, { ...all, k: 1, rerank });
    expect(narrow.rankings.get('w1')).toEqual(rankings.get('w1')!.slice(0, 1));
  } finally {
    await encoder.close();
  }
});
