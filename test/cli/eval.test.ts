import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { TINY, writeTinyModel } from '../engine/model/tiny-model.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

const SAVED = fileURLToPath(new URL('../fixtures/cross-encoders/saved', import.meta.url));

const folder = useTemporaryFolder();
const at = (name: string) => join(folder.path, name);

const FILES = {
  'beir/corpus.jsonl':
    '{"_id": "d1", "title": "a", "text": "b c"}\n{"_id": "d2", "title": "", "text": "x y"}\n',
  'beir/queries.jsonl': '{"_id": "q1", "text": "a b c"}\n{"_id": "q2", "text": "x y"}\n',
  'beir/qrels/test.tsv': 'query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\tgone\t1\n',
  'beir/found.run': 'q1 Q0 d1 1 0.9 tag\nq2 Q0 d1 1 0.5 tag\nq2 Q0 d2 2 0.4 tag\n',
  'pairs.csv': 'a,a,5\nb c,x y z,0\nd e,d e f,3\n',
  'squad.json':
    '{"data": [{"paragraphs": [{"context": "a b", "qas": [{"question": "a b", "answers": [{"text": "b"}]}]}]}]}',
  'secret.csv': 'a,a,5\nconfidential,b,high\n',
};

beforeAll(async () => {
  await writeTinyModel(at('model'));
  await mkdir(at('beir/qrels'), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) await writeFile(at(name), content);
});

const evaluate = (path: string, ...more: string[]) =>
  vectormillJson('eval', at(path), '--model', at('model'), ...more);

describe('eval', () => {
  test('measures retrieval on a BEIR folder, and names it', async () => {
    const { code, json } = await evaluate('beir', '--k', '10,1,1');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      kind: 'beir',
      path: at('beir'),
      dimensions: TINY.hidden,
      metrics: { 'ndcg@1': 1, 'recall@1': 0.75, 'recall@10': 0.75, 'mrr@10': 1 },
      counts: { queries: 2, documents: 2, judgements: 3, judgementsOfUnknownDocuments: 1 },
    });
    expect(Object.keys(json.metrics)).toHaveLength(8);
    expect(json.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(json.tokens).toBeGreaterThan(0);
  });

  test('measures sentence pairs, SQuAD questions and answers', async () => {
    expect((await evaluate('pairs.csv')).json).toMatchObject({ kind: 'sts', counts: { pairs: 3 } });
    expect((await evaluate('squad.json')).json).toMatchObject({ kind: 'squad', metrics: { 'ndcg@10': 1 } });
    const answers = await evaluate('squad.json', '--kind', 'squad-answers');
    expect(answers.json).toMatchObject({ kind: 'squad-answers', metrics: { accuracy: 1 } });
  });

  test('uses the dimensions, tokens and prompts asked for', async () => {
    const plain = (await evaluate('beir')).json;
    const cut = (await evaluate('beir', '--dimensions', '4', '--max-tokens', '3')).json;
    expect(cut.dimensions).toBe(4);
    expect(cut.tokens).toBeLessThan(plain.tokens);
    const prompted = (await evaluate('beir', '--query-prompt', 'q ', '--document-prompt', 'd ')).json;
    expect(prompted.tokens).toBe(plain.tokens + 4);
    expect(prompted.fingerprint).not.toBe(plain.fingerprint);
  });

  test('measures words alone without a model, and both together with one', async () => {
    const { code, json } = await vectormillJson('eval', at('beir'), '--mode', 'bm25', '--k', '1');
    expect(code).toBe(0);
    expect(json).toMatchObject({ mode: 'bm25', metrics: { 'ndcg@1': 1 }, tokens: 0 });
    expect(json.fingerprint).toBeUndefined();
    const both = await evaluate('beir', '--mode', 'hybrid', '--alpha', '0.5', '--k', '1');
    expect(both.json).toMatchObject({
      mode: 'hybrid',
      fusion: { kind: 'alpha', alpha: 0.5 },
      candidates: 100,
      metrics: { 'ndcg@1': 1 },
    });
    expect(both.json.tokens).toBe((await evaluate('beir')).json.tokens);
    const { stdout } = await vectormill('eval', at('beir'), '--mode', 'bm25');
    expect(stdout).toMatch(/\(beir, bm25\)\n/);
    expect(stdout).toMatch(/words alone, in \d+s\n$/);
  });

  test('measures the ranking that a cross-encoder makes of the first documents', async () => {
    const line = ['--mode', 'bm25', '--rerank', SAVED, '--rerank-top', '1'];
    const { code, json } = await vectormillJson('eval', at('beir'), ...line);
    expect(code).toBe(0);
    expect(json).toMatchObject({ rerank: { source: SAVED, top: 1 }, metrics: { 'ndcg@1': 1 } });
    const { stdout } = await vectormill('eval', at('beir'), ...line);
    expect(stdout).toContain('(beir, bm25, first 1 reranked)');
  });

  test('measures a run by judgements, without a model', async () => {
    const line = ['eval', at('beir/qrels/test.tsv'), '--run', at('beir/found.run'), '--k', '10'];
    const { code, json } = await vectormillJson(...line);
    expect(code).toBe(0);
    expect(json).toMatchObject({ kind: 'run', metrics: { 'mrr@10': 0.75, 'recall@10': 0.75 } });
  });

  test('prints a table with a column for each cut, and only the counts that are not 0', async () => {
    const { stdout } = await vectormill('eval', at('beir'), '--model', at('model'), '--k', '1,10');
    expect(stdout).toMatch(/@1 +@10\n/);
    expect(stdout).toMatch(/ recall +0\.75000 +0\.75000\n/);
    expect(stdout).toContain('judgements of documents not in the corpus (count as not found)  1');
    expect(stdout).not.toContain('left out');
    expect(stdout).toMatch(/fingerprint [0-9a-f]{12}: \d+ tokens in \d+s/);
  });
});

describe('eval refuses', () => {
  test.each([
    ['no model', ['pairs.csv'], 'USAGE', 2],
    ['a model that is not there', ['pairs.csv', '--model', 'no-such'], 'MODEL_NOT_FOUND', 2],
    ['a path where nothing lies', ['nothing', '--model', 'MODEL'], 'INPUT_NOT_FOUND', 2],
    ['a kind that there is none of', ['pairs.csv', '--kind', 'triplets'], 'USAGE', 2],
    ['cuts that are no numbers', ['beir', '--model', 'MODEL', '--k', '1,ten'], 'USAGE', 2],
    ['a cut of 0', ['beir', '--model', 'MODEL', '--k', '0'], 'USAGE', 2],
    ['a model beside a run', ['beir/qrels/test.tsv', '--run', 'RUN', '--model', 'MODEL'], 'USAGE', 2],
    ['a model for words alone', ['beir', '--mode', 'bm25', '--model', 'MODEL'], 'USAGE', 2],
    ['a prompt for words alone', ['beir', '--mode', 'bm25', '--query-prompt', 'q'], 'USAGE', 2],
    ['weights without two stages', ['beir', '--alpha', '0.5', '--model', 'MODEL'], 'USAGE', 2],
    ['words for sentence pairs', ['pairs.csv', '--mode', 'bm25'], 'USAGE', 2],
    ['words for the answers test', ['squad.json', '--kind', 'squad-answers', '--mode', 'bm25'], 'USAGE', 2],
    ['a reranker of a run', ['beir/qrels/test.tsv', '--run', 'RUN', '--rerank', 'x'], 'USAGE', 2],
    ['a reranker that is nowhere', ['beir', '--mode', 'bm25', '--rerank', 'none'], 'MODEL_NOT_FOUND', 2],
    ['a score that is no number', ['secret.csv', '--model', 'MODEL'], 'INPUT_DAMAGED', 1],
  ])('%s', async (_, [path = '', ...options], code, exit) => {
    const before = await filesBelow(folder.path);
    const given = options.map((word) => ({ MODEL: at('model'), RUN: at('beir/found.run') })[word] ?? word);
    const outcome = await vectormill('eval', at(path), ...given, '--json');
    expect(outcome.code).toBe(exit);
    expect(JSON.parse(outcome.stdout).error.code).toBe(code);
    expect(outcome.stdout + outcome.stderr).not.toContain('confidential');
    expect(await filesBelow(folder.path)).toEqual(before);
  });
});
