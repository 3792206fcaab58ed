import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankDocuments } from '../../../core/metrics/ranking-order.js';
import { evaluate, type ModelEvaluation } from '../../../engine/evaluation/evaluate.js';
import { evaluateRun } from '../../../engine/evaluation/evaluate-run.js';
import { type EvaluationRequest, openEvaluation } from '../../../engine/evaluation/open-evaluation.js';
import { retrieve } from '../../../engine/evaluation/retrieve.js';
import { openStore } from '../../../engine/store/open-store.js';
import { TEST_DIMENSIONS, testEmbedder, testSignature } from '../../support/test-embedder.js';
import { corpusOf } from '../corpus/support.js';
import { beirFolder, errorOf, SQUAD } from './support.js';

/** Only equal texts are near to each other. Prompts would separate a query from its document. */
const embedder = testEmbedder();
const dense = { mode: 'dense', embedder } as const;

async function run(request: EvaluationRequest, ignoreIdenticalIds = false) {
  const evaluation = (await openEvaluation(request, openStore)) as ModelEvaluation;
  return evaluate(evaluation, embedder, { ks: [1, 10], ignoreIdenticalIds });
}

async function squadFile() {
  return `${await corpusOf({ 'squad.json': SQUAD })}/squad.json`;
}

function taskOf(documents: readonly { id: string; text: string }[], queries: typeof documents) {
  return {
    documents: async function* () {
      yield* documents;
    },
    documentIds: documents.map(({ id }) => id),
    queries,
  };
}

describe('retrieval', () => {
  test('ranks like a sort over all cosines, and documents of equal text by the last id first', async () => {
    const texts = fc.constantFrom('a', 'b', 'c', 'd e');
    const rows = fc
      .uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 })
      .chain((ids) => fc.tuple(...ids.map((id) => texts.map((text) => ({ id, text })))));
    await fc.assert(
      fc.asyncProperty(rows, texts, fc.integer({ min: 1, max: 12 }), async (documents, text, k) => {
        const options = { k, ignoreIdenticalIds: false };
        const { rankings } = await retrieve(taskOf(documents, [{ id: 'q', text }]), dense, options);
        const { vectors } = await embedder.embed([text, ...documents.map((document) => document.text)]);
        const row = (index: number) =>
          vectors.subarray(index * TEST_DIMENSIONS, (index + 1) * TEST_DIMENSIONS);
        // Equal texts have equal scores, however the numbers are added up.
        const score = (index: number) =>
          Number(
            row(index + 1)
              .reduce((sum, value, at) => sum + value * row(0)[at]!, 0)
              .toFixed(5),
          );
        const expected = rankDocuments(documents.map(({ id }, index) => ({ id, score: score(index) })));
        expect(rankings.get('q')).toEqual(expected.slice(0, k));
      }),
    );
  });

  test('recognises a document of a later block by its own id, and ties across blocks', async () => {
    const documents = Array.from({ length: 4100 }, (_, number) => ({
      id: String(number).padStart(4, '0'),
      text: number === 1 || number === 4099 ? 'twice' : `${number}`,
    }));
    const queries = ['twice', '4098'].map((text) => ({ id: text, text }));
    const { rankings } = await retrieve(taskOf(documents, queries), dense, {
      k: 2,
      ignoreIdenticalIds: false,
    });
    expect(rankings.get('twice')).toEqual(['4099', '0001']);
    expect(rankings.get('4098')![0]).toBe('4098');
  });

  test("leaves out a document with the query's own id if that is asked for", async () => {
    const documents = ['x', 'y', 'z'].map((id) => ({ id, text: id }));
    const task = taskOf(documents, [{ id: 'x', text: 'x' }]);
    const all = await retrieve(task, dense, { k: 2, ignoreIdenticalIds: false });
    const others = await retrieve(task, dense, { k: 2, ignoreIdenticalIds: true });
    expect(all.rankings.get('x')![0]).toBe('x');
    expect([...others.rankings.get('x')!].sort()).toEqual(['y', 'z']);
  });

  test('puts the prompts of the model before queries and documents', async () => {
    const prompted = testEmbedder({ ...testSignature, prompts: { query: 'one ', document: 'one two ' } });
    const documents = ['three', 'two three'].map((text) => ({ id: text, text }));
    const task = taskOf(documents, [{ id: 'q', text: 'two three' }]);
    const { rankings } = await retrieve(
      task,
      { mode: 'dense', embedder: prompted },
      { k: 1, ignoreIdenticalIds: false },
    );
    expect(rankings.get('q')).toEqual(['three']);
  });

  test('reports its progress and how many tokens it embedded', async () => {
    const documents = Array.from({ length: 20 }, (_, number) => ({ id: String(number), text: `${number}` }));
    const seen: [number, number][] = [];
    const { tokens } = await retrieve(taskOf(documents, documents.slice(0, 3)), dense, {
      k: 1,
      ignoreIdenticalIds: false,
      onProgress: (...progress) => void seen.push(progress),
    });
    expect(seen.at(-1)).toEqual([23, 23]);
    expect(seen.length).toBeGreaterThan(2);
    expect(tokens).toBeGreaterThan(0);
  });

  test('refuses to keep more results than fit into memory', async () => {
    const documents = Array.from({ length: 5000 }, (_, number) => ({ id: String(number), text: 'a' }));
    const work = retrieve(taskOf(documents, documents), dense, { k: 5000, ignoreIdenticalIds: false });
    expect(await errorOf(work)).toMatchObject({ code: 'INPUT_UNSUPPORTED' });
  });
});

describe('a BEIR folder', () => {
  test('counts a relevant document outside the corpus, and a query without any as 0', async () => {
    const qrels = 'q1\td1\t1\nq1\tgone\t1\nq2\td1\t0\n';
    const { metrics } = await run({ path: await beirFolder({ 'qrels/test.tsv': qrels }) });
    expect(metrics).toMatchObject({ 'recall@10': 0.25, 'mrr@10': 0.5, 'map@1': 0.25, 'ndcg@1': 0.5 });
  });
});

describe('SQuAD', () => {
  test('a question that is asked about two paragraphs is one query with two relevant documents', async () => {
    const { counts, metrics } = await run({ path: await squadFile() });
    expect(counts).toMatchObject({
      queries: 2,
      documents: 3,
      judgements: 3,
      unanswerableQuestions: 1,
      repeatedQuestions: 1,
    });
    expect(metrics['recall@10']).toBe(1);
  });

  test('every question is a query of its own if that is asked for', async () => {
    const { counts } = await run({ path: await squadFile(), everyQuestion: true });
    expect(counts).toMatchObject({ queries: 3, judgements: 3, repeatedQuestions: 0 });
  });

  test('an answer counts if the nearest context of an answerable question contains it', async () => {
    const paragraph = (context: string, question: string, answer: string) => ({
      context,
      qas: [{ question, answers: [{ text: answer }] }],
    });
    const data = [
      { paragraphs: [paragraph('a b', 'a b', 'b'), paragraph('c d', 'a b', 'd'), { context: 'e', qas: [] }] },
    ];
    const path = `${await corpusOf({ 'squad.json': JSON.stringify({ data }) })}/squad.json`;
    const { metrics, counts } = await run({ path, kind: 'squad-answers' });
    expect(metrics).toEqual({ accuracy: 0.5 });
    expect(counts).toEqual({ questions: 2, contexts: 2 });
  });

  test('questions without any answer are refused', async () => {
    const content = '{"data": [{"paragraphs": [{"context": "a", "qas": [{"question": "b"}]}]}]}';
    const path = `${await corpusOf({ 'squad.json': content })}/squad.json`;
    expect(await errorOf(run({ path, kind: 'squad-answers' }))).toMatchObject({ code: 'INPUT_EMPTY' });
  });
});

describe('sentence pairs', () => {
  test('correlate where equal sentences are scored higher', async () => {
    const path = `${await corpusOf({ 'pairs.csv': 'a,a,5\nb,c,0\nd,d,5\n' })}/pairs.csv`;
    const { metrics, counts } = await run({ path });
    expect(metrics.spearman).toBeGreaterThan(0.8);
    expect(metrics.pearson).toBeGreaterThan(0.9);
    expect(counts).toEqual({ pairs: 3 });
  });

  test('have no correlation where all cosines are equal', async () => {
    const path = `${await corpusOf({ 'pairs.csv': 'a,a,5\na,a,0\n' })}/pairs.csv`;
    expect((await run({ path })).metrics).toEqual({ spearman: null, pearson: null });
  });
});

describe('a run', () => {
  const qrels = new Map([
    ['q1', new Map([['d1', 1]])],
    ['q2', new Map([['d1', 1]])],
  ]);

  test('is averaged over the queries that are in both', () => {
    const found = new Map([
      ['q1', [{ id: 'd1', score: 1 }]],
      ['other', []],
    ]);
    const { metrics, counts } = evaluateRun({ qrels, run: found, uri: 'qrels' }, [10]);
    expect(metrics['ndcg@10']).toBe(1);
    expect(counts).toEqual({ queries: 1, judgements: 1, queriesNotInRun: 1, queriesWithoutJudgements: 1 });
  });

  test('is refused where no query is in both', () => {
    const other = new Map([['other', []]]);
    expect(() => evaluateRun({ qrels, run: other, uri: 'qrels' }, [10])).toThrow(/no query of the run/);
  });
});
