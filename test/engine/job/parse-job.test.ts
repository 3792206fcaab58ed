import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EDITIONS } from '../../../core/editions.js';
import { completeJob, parseJob } from '../../../engine/job/parse-job.js';
import { testFingerprint, testSignature } from '../../support/test-embedder.js';

const FILE = '/jobs/demo/job.yaml';
const MINIMAL = 'dataset: docs\ninput: ./corpus\noutput: ../out\nmodel: all-MiniLM-L6-v2\n';
const model = { signature: testSignature, fingerprint: testFingerprint };

const messageOf = (text: string): string => {
  try {
    completeJob(parseJob(text, FILE), model, FILE);
  } catch (error) {
    expect(error).toMatchObject({ code: 'JOB_INVALID', file: FILE });
    return (error as Error).message;
  }
  throw new Error('the job was accepted');
};

describe('a job file', () => {
  it('of four lines is a whole job', () => {
    expect(completeJob(parseJob(MINIMAL, FILE), model, FILE)).toEqual({
      formatVersion: 1,
      parent: null,
      editions: EDITIONS,
      signature: testSignature,
      fingerprint: testFingerprint,
      spec: {
        dataset: 'docs',
        version: 'v1',
        input: {
          uri: 'file:///jobs/demo/corpus',
          format: 'auto',
          include: [],
          exclude: [],
          columns: { text: 'text', title: 'title', metadata: [] },
          maxDocumentBytes: 10 * 1024 * 1024,
        },
        output: 'file:///jobs/out',
        ref: 'current',
        model: { source: 'all-MiniLM-L6-v2', maxTokens: 32 },
        chunking: { strategy: 'recursive', maxTokens: 32, overlap: 0, prefix: [] },
        parts: { rows: 4096, tokens: 131_072 },
        vectors: { precision: 'float32' },
        shardBytes: 64 * 1024 * 1024,
        limits: { rejectShare: 0.01, concurrency: 8 },
      },
    });
  });

  it('lists the known precisions when it asks for an unknown one', () => {
    const asking = (precision: string) => `${MINIMAL}vectors: {precision: ${precision}}\n`;
    expect(parseJob(asking('ubinary'), FILE).vectors).toEqual({ precision: 'ubinary' });
    expect(messageOf(asking('int4'))).toMatch(/`vectors.precision`: .*"float16"\|"int8"\|"uint8"/);
    expect(messageOf(`${MINIMAL}vectors: int8\n`)).toContain('`vectors`');
  });

  it('may set how its tables are written, and otherwise leaves it open', () => {
    const writing = (csv: string, more = '') =>
      MINIMAL.replace('./corpus', `{uri: ./corpus, csv: ${csv}${more}}`);
    const inputOf = (text: string) => completeJob(parseJob(text, FILE), model, FILE).spec.input;
    expect(inputOf(MINIMAL)).not.toHaveProperty('csv');
    expect(inputOf(writing('{quote: none, delimiter: "\\t"}')).csv).toEqual({
      quote: 'none',
      delimiter: '\t',
    });
    expect(inputOf(writing(`{quote: "'"}`, ', format: tsv')).csv).toEqual({ quote: "'" });
    expect(messageOf(writing('{delimiter: "||"}'))).toMatch(
      /`input.csv.delimiter`: must be one ASCII character/,
    );
    expect(messageOf(writing('{quote: ""}'))).toMatch(
      /`input.csv.quote`: must be one ASCII character.* or none/,
    );
    expect(messageOf(writing('{quote: ";", delimiter: ";"}'))).toMatch(/`input.csv`: .* the same/);
    expect(messageOf(writing('{quote: none}', ', format: jsonl'))).toMatch(/`input.csv`: .*csv and tsv/);
  });

  it('means the same in short and in long form', () => {
    const long = 'dataset: docs\ninput: {uri: ./corpus}\noutput: ../out\nmodel: {source: all-MiniLM-L6-v2}\n';
    expect(parseJob(long, FILE)).toEqual(parseJob(MINIMAL, FILE));
  });

  it('keeps what it asks of the model', () => {
    const text = MINIMAL.replace(/all-.*/, '{source: m, dimensions: 4, prompts: {query: "q: "}}');
    expect(completeJob(parseJob(text, FILE), model, FILE).spec.model).toEqual({
      source: 'm',
      maxTokens: testSignature.maxTokens,
      dimensions: 4,
      prompts: { query: 'q: ' },
    });
  });

  it('takes a provider with its defaults, and a path to a tokenizer from its own folder', () => {
    const text = MINIMAL.replace(
      /all-.*/,
      '{source: /models/m, provider: {url: "http://h:1/v1", tokenizer: ./tokens, requests_per_minute: 9}}',
    );
    expect(completeJob(parseJob(text, FILE), model, FILE).spec.model).toEqual({
      source: '/models/m',
      maxTokens: testSignature.maxTokens,
      provider: {
        url: 'http://h:1/v1',
        tokenizer: '/jobs/demo/tokens',
        dimensions: testSignature.dimensions,
        normalize: false,
        maxBatchTexts: 32,
        maxBatchTokens: 32_768,
        concurrency: 4,
        requestsPerMinute: 9,
        timeoutSeconds: 60,
        currency: 'USD',
      },
    });
  });

  it('is also JSON', () => {
    const json = '{"dataset": "docs", "input": "./corpus", "output": "../out", "model": "all-MiniLM-L6-v2"}';
    expect(parseJob(json, FILE)).toEqual(parseJob(MINIMAL, FILE));
  });

  it('may use anchors', () => {
    const text = `${MINIMAL}parts: {rows: &size 100, tokens: *size}\n`;
    expect(parseJob(text, FILE).parts).toEqual({ rows: 100, tokens: 100 });
  });

  it.each([
    ['s3://bucket/a b/ä', 's3://bucket/a b/ä'],
    ['s3://bucket/prefix/', 's3://bucket/prefix'],
    ['/data/my corpus', 'file:///data/my corpus'],
    ['file:///data/corpus/', 'file:///data/corpus'],
    ['./with space/#1 100%', 'file:///jobs/demo/with space/#1 100%'],
    ['语料', 'file:///jobs/demo/语料'],
  ])('reads the place %j as %j, relative to its own folder and without encoding', (place, uri) => {
    const text = `dataset: d\ninput: ${JSON.stringify(place)}\noutput: ${JSON.stringify(place)}\nmodel: m\n`;
    expect(parseJob(text, FILE)).toMatchObject({ input: { uri }, output: uri });
  });

  it.each([
    ['./models/mine', '/jobs/demo/models/mine'],
    ['/models/mine', '/models/mine'],
    ['all-MiniLM-L6-v2', 'all-MiniLM-L6-v2'],
    ['sentence-transformers/all-MiniLM-L6-v2', 'sentence-transformers/all-MiniLM-L6-v2'],
  ])('reads the model %j as %j', (source, expected) => {
    const text = MINIMAL.replace('all-MiniLM-L6-v2', source);
    expect(parseJob(text, FILE).model.source).toBe(expected);
  });

  it('with a relative path of its own reads places relative to the folder it is in', () => {
    expect(parseJob(MINIMAL, 'some/job.yaml').output).toBe(`file://${resolve('out')}`);
  });
});

describe('a job file is refused', () => {
  it.each([
    ['an unknown key', `${MINIMAL}outptu: x\n`, '`outptu`'],
    ['two unknown keys', `${MINIMAL}a: 1\nb: 2\n`, 'unknown keys `a`, `b`'],
    ['an unknown key inside', `${MINIMAL}chunking: {strategie: fixed}\n`, '`chunking.strategie`'],
    [
      'an unknown key of the input',
      MINIMAL.replace('./corpus', '{uri: ./corpus, formt: csv}'),
      '`input.formt`',
    ],
    [
      'an unknown key of the columns',
      MINIMAL.replace('./corpus', '{uri: x, columns: {txt: a}}'),
      '`input.columns.txt`',
    ],
    ['a missing input', MINIMAL.replace('input: ./corpus\n', ''), '`input`'],
    ['an input without a URI', MINIMAL.replace('./corpus', '{format: csv}'), '`input.uri`'],
    ['a format that is none', MINIMAL.replace('./corpus', '{uri: x, format: xml}'), '`input.format`'],
    ['a number for a text', MINIMAL.replace('docs', '7'), '`dataset`'],
    ['a text for a number', `${MINIMAL}parts: {rows: many}\n`, '`parts.rows`'],
    ['a fraction of a row', `${MINIMAL}parts: {rows: 1.5}\n`, '`parts.rows`'],
    ['no rows', `${MINIMAL}parts: {rows: 0}\n`, '`parts.rows`'],
    ['a share over 1', `${MINIMAL}limits: {reject_share: 2}\n`, '`limits.reject_share`'],
    ['a dataset that is a path', MINIMAL.replace('docs', '../docs'), '`dataset`'],
    ['a version that is a path', `${MINIMAL}version: a/b\n`, '`version`'],
    ['a strategy that is none', `${MINIMAL}chunking: {strategy: magic}\n`, '`chunking.strategy`'],
    ['chunks over the limit of the model', `${MINIMAL}chunking: {max_tokens: 33}\n`, 'the model takes 32'],
    ['chunks of next to nothing', `${MINIMAL}chunking: {max_tokens: 7}\n`, 'at least 8'],
    [
      'an overlap over half a chunk',
      `${MINIMAL}chunking: {strategy: fixed, overlap: 17}\n`,
      'chunking.overlap',
    ],
    ['no dimensions', MINIMAL.replace(/all-.*/, '{source: m, dimensions: 0}'), '`model.dimensions`'],
    [
      'a prompt of another kind',
      MINIMAL.replace(/all-.*/, '{source: m, prompts: {passage: p}}'),
      '`model.prompts.passage`',
    ],
    ['an empty file', '', 'the job file is empty'],
    ['a file of comments', '# dataset: docs\n', 'the job file holds only comments'],
    ['a list', '- a\n- b\n', 'the job file holds a list, and must hold keys with values'],
    ['a lone number', '3', 'the job file holds a number, and must hold keys with values'],
    ['a lone text', 'hello', 'the job file holds a text, and must hold keys with values'],
    ['no keys', '{}', '`dataset` is missing; `input` is missing; `output` is missing; `model` is missing'],
    ['a key without a value', MINIMAL.replace('../out', ''), '`output`: has no value, and must be a text'],
    [
      'an input of another kind',
      MINIMAL.replace('./corpus', '4'),
      '`input`: is a number, and must be a text or a',
    ],
    ['a section of another kind', `${MINIMAL}parts: 3\n`, '`parts`: is a number, and must be a mapping'],
    ['half a row', `${MINIMAL}parts: {rows: 1.5}\n`, '`parts.rows`: must be a whole number'],
    [
      'a number for a version',
      `${MINIMAL}version: 2026.11\n`,
      '`version`: must be a text; YAML takes 2026.11',
    ],
    ['a key twice', `${MINIMAL}dataset: other\n`, 'unique'],
    ['bad indentation', `${MINIMAL}parts:\n rows: 1\n  tokens: 2\n`, 'line'],
    ['an anchor that is not there', `${MINIMAL}parts: *nowhere\n`, 'nowhere'],
    ['two documents', `${MINIMAL}---\n${MINIMAL}`, 'document'],
  ])('for %s', (_, text, named) => {
    const message = messageOf(text);
    expect(message).toContain(named);
    expect(message.startsWith(`${FILE}: `)).toBe(true);
    expect(message).not.toContain('\n');
  });

  it('for anchors that expand without end', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) =>
        `l${level + 1}: &l${level + 1} [${Array.from({ length: 9 }, () => `*l${level}`).join(', ')}]`,
    );
    expect(messageOf(`l0: &l0 [x]\n${levels.join('\n')}\n`)).toContain('alias');
  });

  it('for several wrong fields, with all of them named', () => {
    const message = messageOf(`${MINIMAL}parts: {rows: 0}\nshard_bytes: -1\ncolour: red\n`);
    for (const field of ['`parts.rows`', '`shard_bytes`', '`colour`']) expect(message).toContain(field);
  });
});

it('a job is completed to the same record each time, and other limits change only its limits', () => {
  const parts = fc.record({ rows: fc.integer({ min: 1, max: 1_000_000 }), tokens: fc.integer({ min: 1 }) });
  const limits = fc.record({
    reject_share: fc.double({ min: 0, max: 1, noNaN: true }),
    concurrency: fc.integer({ min: 1, max: 1024 }),
  });
  const base = { dataset: 'd', input: 'i', output: 'o', model: 'm' };
  fc.assert(
    fc.property(parts, limits, limits, (some, left, right) => {
      const complete = (value: object) => completeJob(parseJob(JSON.stringify(value), FILE), model, FILE);
      const one = complete({ ...base, parts: some, limits: left });
      const other = complete({ limits: right, parts: some, ...base });
      expect(complete({ ...base, parts: some, limits: left })).toEqual(one);
      const { limits: _left, ...oneSpec } = one.spec;
      const { limits: _right, ...otherSpec } = other.spec;
      expect({ ...one, spec: oneSpec }).toEqual({ ...other, spec: otherSpec });
      expect(other.spec.limits).toEqual({ rejectShare: right.reject_share, concurrency: right.concurrency });
    }),
  );
});
