import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type Evaluation,
  type EvaluationRequest,
  openEvaluation,
} from '../../../engine/evaluation/open-evaluation.js';
import { openStore } from '../../../engine/store/open-store.js';
import { corpusOf } from '../corpus/support.js';
import { beirFolder, errorOf, SQUAD } from './support.js';

const open = (request: EvaluationRequest) => openEvaluation(request, openStore);

function retrievalOf(evaluation: Evaluation) {
  if (evaluation.kind !== 'beir' && evaluation.kind !== 'squad') throw new Error('no retrieval task');
  return evaluation.task;
}

async function documentsOf(evaluation: Evaluation) {
  const documents: { id: string; text: string }[] = [];
  for await (const { id, text } of retrievalOf(evaluation).documents()) documents.push({ id, text });
  return documents;
}

describe('a BEIR folder', () => {
  test('gives documents with their title in front, and the judged queries', async () => {
    const evaluation = await open({ path: await beirFolder() });
    expect(await documentsOf(evaluation)).toEqual([
      { id: 'd1', text: 'One a b' },
      { id: 'd2', text: 'c' },
      { id: '3', text: '' },
    ]);
    expect(retrievalOf(evaluation).queries.map(({ id }) => id)).toEqual(['q1', 'q2']);
  });

  test('can be read again with the same result, because its documents are not kept in memory', async () => {
    const evaluation = await open({ path: await beirFolder() });
    expect(await documentsOf(evaluation)).toEqual(await documentsOf(evaluation));
  });

  test('counts what does not belong together', async () => {
    const qrels = 'q1\td1\t1\nq1\tgone\t1\nq2\td1\t0\nunknown\td1\t1\n';
    const { counts } = retrievalOf(await open({ path: await beirFolder({ 'qrels/test.tsv': qrels }) }));
    expect(counts).toEqual({
      queries: 2,
      documents: 3,
      judgements: 3,
      queriesWithoutRelevant: 1,
      judgementsOfUnknownDocuments: 1,
      unknownQueries: 1,
      queriesWithoutJudgements: 1,
      emptyDocuments: 1,
    });
  });

  test('has the judgements of the split that is asked for, and its files may be compressed', async () => {
    const path = await beirFolder({ 'qrels/dev.tsv.gz': gzipSync('q3\td2\t1\n') });
    const { queries } = retrievalOf(await open({ path: `${path}/`, split: 'dev' }));
    expect(queries.map(({ id }) => id)).toEqual(['q3']);
  });

  test('is the same as its three files', async () => {
    const path = await beirFolder();
    const named = { corpus: `${path}/corpus.jsonl`, queries: `${path}/queries.jsonl` };
    const { counts } = retrievalOf(await open({ path: `${path}/qrels/test.tsv`, ...named }));
    expect(counts).toEqual(retrievalOf(await open({ path })).counts);
  });

  test.each([
    [
      'a document that comes twice',
      'corpus.jsonl',
      '{"_id": "a", "text": "b"}\n{"_id": "a", "text": "c"}\n',
      'INPUT_DAMAGED',
      2,
    ],
    [
      'a query that comes twice',
      'queries.jsonl',
      '{"_id": 1, "text": "b"}\n\n{"_id": "1", "text": "c"}\n',
      'INPUT_DAMAGED',
      3,
    ],
    ['a document without text', 'corpus.jsonl', '{"_id": "a", "title": "b"}\n', 'INPUT_DAMAGED', 1],
    ['broken JSON', 'queries.jsonl', '{"_id": "a", "text": \n', 'INPUT_DAMAGED', 1],
    ['an empty corpus', 'corpus.jsonl', '\n', 'INPUT_EMPTY', undefined],
    ['judgements of other queries', 'qrels/test.tsv', 'x\td1\t1\n', 'INPUT_EMPTY', undefined],
    ['judgements of another corpus', 'qrels/test.tsv', 'q1\tx\t1\n', 'INPUT_UNSUPPORTED', undefined],
    ['no relevant document at all', 'qrels/test.tsv', 'q1\td1\t0\n', 'INPUT_UNSUPPORTED', undefined],
  ])('is refused for %s', async (_, name, content, code, position) => {
    const error = await errorOf(open({ path: await beirFolder({ [name]: content }) }));
    expect(error).toMatchObject({ code, position, component: 'evaluation' });
  });

  test('is refused for a missing file, which it names', async () => {
    const error = await errorOf(open({ path: await beirFolder(), split: 'dev' }));
    expect(error).toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: expect.stringContaining('qrels/dev.tsv'),
    });
  });
});

describe('the content of a path', () => {
  test.each([
    ['squad.json', SQUAD, 'squad'],
    ['pairs.csv', 'a,b,1\nc,d,2\n', 'sts'],
    ['pairs.tsv', 'a\tb\t1\nc\td\t2\n', 'sts'],
  ])('%s is recognised by its name', async (name, content, kind) => {
    const folder = await corpusOf({ [name]: content });
    expect((await open({ path: `${folder}/${name}` })).kind).toBe(kind);
  });

  test('judgements are recognised by the run or the corpus that is given with them', async () => {
    const path = await beirFolder({ 'a.run': 'q1 Q0 d1 1 0.5 tag\n' });
    const qrels = `${path}/qrels/test.tsv`;
    expect((await open({ path: qrels, run: `${path}/a.run` })).kind).toBe('run');
  });

  test.each<[string, Partial<EvaluationRequest>, string, string]>([
    ['a split of a file', { split: 'dev' }, 'pairs.csv', 'USAGE'],
    ['a corpus without queries', { corpus: 'x' }, 'pairs.csv', 'USAGE'],
    ['judgements alone', { kind: 'beir' }, 'pairs.csv', 'USAGE'],
    ['a run of another kind', { kind: 'sts', run: 'x' }, 'pairs.csv', 'USAGE'],
    ['no run', { kind: 'run' }, 'pairs.csv', 'USAGE'],
    ['every question of what has none', { everyQuestion: true }, 'pairs.csv', 'USAGE'],
    ['a corpus that is not there', { corpus: './no', queries: './no' }, 'pairs.csv', 'INPUT_NOT_FOUND'],
    ['a name that says nothing', {}, 'pairs.bin', 'INPUT_UNSUPPORTED'],
    ['a file that is not there', { kind: 'sts' }, 'no.csv', 'INPUT_NOT_FOUND'],
    ['nothing at all', {}, 'no', 'INPUT_NOT_FOUND'],
  ])('is refused for %s', async (_, request, name, code) => {
    const folder = await corpusOf({ 'pairs.csv': 'a,b,1\nc,d,2\n', 'pairs.bin': 'x' });
    expect(await errorOf(open({ path: `${folder}/${name}`, ...request }))).toMatchObject({ code });
  });
});
