import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readRun } from '../../../engine/evaluation/read-run.js';
import { readSentencePairs } from '../../../engine/evaluation/read-sentence-pairs.js';
import { readSquadQuestions } from '../../../engine/evaluation/read-squad-questions.js';
import { readQrels } from '../../../engine/tables/read-qrels.js';
import { errorOf, SQUAD, sourceOf } from './support.js';

describe('judgements', () => {
  const EXPECTED = new Map([
    [
      'q1',
      new Map([
        ['d1', 2],
        ['d2', 0],
      ]),
    ],
    ['q2', new Map([['d1', -1]])],
  ]);

  test.each([
    ['in three columns with a header', 'query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n\nq2\td1\t-1\n'],
    ['in three columns without one', 'q1\td1\t2\r\nq1\td2\t0\r\nq2\td1\t-1'],
    ['in four columns, as TREC has them', 'q1 0 d1 2\nq1  0  d2 0\nq2 Q0 d1 -1\n'],
    ['in four columns between tabs', 'q1\t0\td1\t2\nq1\t0\td2\t0\nq2\t0\td1\t-1\n'],
    [
      'behind a byte order mark',
      '\ufeff"query-id"\t"corpus-id"\t"score"\n"q1"\td1\t2\nq1\td2\t0\nq2\t"d1"\t-1\n',
    ],
    ['ended by carriage returns', 'q1\td1\t2\rq1\td2\t0\rq2\td1\t-1\r'],
    ['that repeat themselves', 'q1 0 d1 2\nq1 0 d2 0\nq1 0 d1 2\nq2 0 d1 -1\n'],
  ])('are read %s', async (_, content) => {
    expect(await readQrels(await sourceOf('qrels.tsv', content))).toEqual(EXPECTED);
  });

  test('are read from CSV, plain and compressed', async () => {
    const csv = '\ufeff"query-id",corpus-id,score\r\nq1,d1,2\r\nq1,"d2",0\r\nq2,d1,-1\r\n';
    expect(await readQrels(await sourceOf('qrels.csv', csv))).toEqual(EXPECTED);
    expect(await readQrels(await sourceOf('qrels.csv.gz', gzipSync(csv)))).toEqual(EXPECTED);
  });

  test('keep quotes in ids as they are', async () => {
    const qrels = await readQrels(await sourceOf('qrels.tsv', 'q1\t"d1\t1\nq1\td"2\t1\n'));
    expect([...qrels.get('q1')!.keys()]).toEqual(['"d1', 'd"2']);
  });

  test('may have spaces in ids between tabs', async () => {
    const qrels = await readQrels(await sourceOf('qrels.tsv', 'a query\ta document\t1.0\n'));
    expect(qrels).toEqual(new Map([['a query', new Map([['a document', 1]])]]));
  });

  test.each([
    ['a relevance that is no number', 'q\td\tscore\nq1\td1\tmany\n', 2],
    ['a relevance that is not whole', 'q1 0 d1 0.5\n', 1],
    ['NaN', 'q1\td1\tNaN\n', 1],
    ['an empty relevance', 'q1\td1\t\n', 1],
    ['an empty id', 'q1\t\t1\n', 1],
    ['another number of columns', 'q1 0 d1 1\nq1 d2 1\n', 2],
    ['too few columns', 'q1 d1\n', 1],
    ['a pair that is judged differently', 'q1 0 d1 1\nq1 0 d1 0\n', 2],
  ])('are refused for %s, naming the line', async (_, content, position) => {
    const error = await errorOf(readQrels(await sourceOf('qrels.tsv', content)));
    expect(error).toMatchObject({ code: 'INPUT_DAMAGED', position });
  });
});

describe('a run', () => {
  test('is ranked by its scores', async () => {
    const run = await readRun(await sourceOf('a.run', 'q1 Q0 d1 1 0.5 tag\nq1 Q0 d2 2 1e-3 tag\n'));
    expect(run.get('q1')).toEqual([
      { id: 'd1', score: 0.5 },
      { id: 'd2', score: 0.001 },
    ]);
  });

  test.each([
    ['a score that is no number', 'q1 Q0 d1 1 NaN tag\n'],
    ['a document that comes twice', 'q1 Q0 d1 1 0.5 tag\nq1 Q0 d1 2 0.4 tag\n'],
    ['other columns', 'q1 d1 0.5\n'],
  ])('is refused for %s', async (_, content) => {
    expect(await errorOf(readRun(await sourceOf('a.run', content)))).toMatchObject({ code: 'INPUT_DAMAGED' });
  });
});

describe('sentence pairs', () => {
  const EXPECTED = [
    { first: 'a, b', second: 'say "c"', score: 2.5 },
    { first: 'd', second: '', score: 0 },
  ];

  test.each([
    ['pairs.csv', '"a, b","say ""c""",2.5\nd,,0\n'],
    ['pairs.csv', '\ufeffscore,sentence1,sentence2\r\n2.5,"a, b","say ""c"""\r\n0,d,\r\n'],
    ['pairs.csv', '\ufeff"sentence1","sentence2","score"\n"a, b","say ""c""",2.5\nd,,0\n'],
    ['pairs.tsv', '\ufeff"sentence1"\t"sentence2"\t"score"\na, b\tsay "c"\t2.5\nd\t\t0\n'],
    ['pairs.tsv', 'sentence1\tsentence2\tscore\tscore\ra, b\tsay "c"\t2.5\t1\rd\t\t0\t1\r'],
    ['pairs.tsv', 'index\tsentence1\tsentence2\tscore\n0\ta, b\tsay "c"\t2.5\n1\t"d"\t\t0'],
    [
      'pairs.jsonl',
      '{"sentence1": "a, b", "sentence2": "say \\"c\\"", "score": 2.5, "x": 1}\n{"sentence1": "d", "sentence2": "", "score": "0"}',
    ],
  ])('are read from %s', async (name, content) => {
    expect(await readSentencePairs(await sourceOf(name, content))).toEqual(EXPECTED);
  });

  test('in TSV may begin with a quote that does not end the field', async () => {
    const source = await sourceOf('pairs.tsv', '"a" b\tc\t1\nd\t"e\t2\n');
    const pairs = await readSentencePairs(source);
    expect(pairs.map(({ first, second }) => [first, second])).toEqual([
      ['"a" b', 'c'],
      ['d', '"e'],
    ]);
  });

  test('in TSV may hold a quote that the next field closes, as in GLUE', async () => {
    const pairs = await readSentencePairs(await sourceOf('pairs.tsv', '"a\tb"\t1\nc\td\t2\n'));
    expect(pairs.map(({ first, second }) => [first, second])).toEqual([
      ['"a', 'b"'],
      ['c', 'd'],
    ]);
  });

  test('in UTF-16 are refused with the name of the encoding', async () => {
    const source = await sourceOf('pairs.csv', Buffer.from('\ufeffa,b,1\n', 'utf16le'));
    expect(await errorOf(readSentencePairs(source))).toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      message: expect.stringContaining('UTF-16'),
    });
  });

  test('name the line of a fault, and count blank lines and the lines of fields', async () => {
    const source = await sourceOf('pairs.csv', 'a,"b\nb",1\n\nc,d,high\n');
    expect(await errorOf(readSentencePairs(source))).toMatchObject({ position: 4 });
  });

  test('are read compressed', async () => {
    const source = await sourceOf('pairs.csv.gz', gzipSync('a,b,1\nc,d,2\n'));
    expect(await readSentencePairs(source)).toHaveLength(2);
  });

  test.each([
    ['a score that is no number', 'pairs.csv', 'a,b,1\nc,d,high\n', 'INPUT_DAMAGED', 2],
    ['NaN', 'pairs.csv', 'a,b,NaN\n', 'INPUT_DAMAGED', 1],
    ['an empty score', 'pairs.tsv', 'a\tb\t1\nc\td\t\n', 'INPUT_DAMAGED', 2],
    ['another number of columns', 'pairs.csv', 'a,b,1\nc,2\n', 'INPUT_DAMAGED', 2],
    ['a quote that is never closed', 'pairs.csv', 'a,b,1\nc,"d,2\n', 'INPUT_DAMAGED', 2],
    ['columns without a name', 'pairs.csv', '1,a,b,3\n', 'INPUT_UNSUPPORTED', undefined],
    ['scores that are all equal', 'pairs.csv', 'a,b,1\nc,d,1\n', 'INPUT_UNSUPPORTED', undefined],
    ['no pair', 'pairs.csv', 'sentence1,sentence2,score\n', 'INPUT_EMPTY', undefined],
    ['a JSON line without a sentence', 'pairs.jsonl', '{"sentence1": "a", "score": 1}', 'INPUT_DAMAGED', 1],
  ])('are refused for %s', async (_, name, content, code, position) => {
    const error = await errorOf(readSentencePairs(await sourceOf(name, content)));
    expect(error).toMatchObject({ code, position });
  });
});

describe('SQuAD questions', () => {
  test('are read with their paragraphs, and without white space at the ends of texts', async () => {
    const [first, second] = await readSquadQuestions(await sourceOf('squad.json', SQUAD));
    expect(first).toEqual({
      id: '0/0',
      context: 'a b',
      questions: [
        { text: 'first?', answers: ['b'], isAnswerable: true },
        { text: 'never?', answers: [], isAnswerable: false },
      ],
    });
    expect(second?.id).toBe('0/1');
  });

  test.each([
    ['broken JSON', '{"data": [', 'INPUT_DAMAGED', /not valid JSON/],
    [
      'another shape',
      '{"data": [{"paragraphs": [{"qas": []}]}]}',
      'INPUT_UNSUPPORTED',
      /data\.0\.paragraphs\.0\.context/,
    ],
    [
      'half a surrogate pair',
      '{"data": [{"paragraphs": [{"context": "\\ud800"}]}]}',
      'INPUT_UNSUPPORTED',
      /surrogate/,
    ],
  ])('are refused for %s', async (_, content, code, message) => {
    const error = await errorOf(readSquadQuestions(await sourceOf('squad.json', content)));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
