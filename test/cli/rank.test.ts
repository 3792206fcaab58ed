import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openCrossEncoder } from '../../engine/model/cross-encoder/find-cross-encoder.js';
import type { TextPair } from '../../engine/tokenizer/pair-tokenizer.js';
import { CROSS_ENCODERS } from '../engine/model/cross-encoders.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

const SAVED = join(CROSS_ENCODERS, 'saved');
const PLAIN = join(CROSS_ENCODERS, 'plain');
const DOCUMENTS = ['b c', 'x y z', 'b c', 'q', '', 'w e r t'];
const QUERY = 'a s d';
const folder = useTemporaryFolder();
const at = (name: string) => join(folder.path, name);

async function writeDocuments(name: string): Promise<string> {
  const lines = DOCUMENTS.map((text, id) => JSON.stringify({ id: `d${id}`, text }));
  await writeFile(at(name), lines.join('\n'));
  return at(name);
}

async function scoresOf(source: string, pairs: readonly TextPair[], maxTokens?: number): Promise<number[]> {
  const encoder = await openCrossEncoder({ source, sessions: 1, maxTokens });
  try {
    return [...(await encoder.score(pairs))];
  } finally {
    await encoder.close();
  }
}

describe('rank', () => {
  test('lists documents best first with their ids, equal ones in their order', async () => {
    const input = await writeDocuments('documents.jsonl');
    const { code, json } = await vectormillJson('rank', '--model', SAVED, '--query', QUERY, '--input', input);
    const scores = await scoresOf(
      SAVED,
      DOCUMENTS.map((text) => [QUERY, text]),
    );
    const expected = scores
      .map((score, index) => ({
        index,
        id: `d${index}`,
        score: expect.closeTo(score, 5) as number,
        by: score,
      }))
      .sort((one, other) => other.by - one.by || one.index - other.index)
      .map(({ by: _, ...row }, place) => ({ rank: place + 1, ...row }));
    expect(code).toBe(0);
    expect(json).toMatchObject({ model: 'saved', query: QUERY, pairs: DOCUMENTS.length, results: expected });
  });

  test('lists no more than --top, and as text lines without --json', async () => {
    const input = await writeDocuments('top.jsonl');
    const line = ['rank', '--model', SAVED, '--query', QUERY, '--input', input, '--top', '2'];
    const { json } = await vectormillJson(...line);
    expect(json.results).toHaveLength(2);
    const { stdout } = await vectormill(...line);
    expect(stdout.split('\n').map((text) => text.split('  ')[2])).toEqual([
      ...json.results.map(({ id }: { id: string }) => id),
      undefined,
    ]);
  });

  test('scores given pairs in their order, with several scores for a model with several labels', async () => {
    const rows = [
      { query: 'a b', text: 'c d' },
      { id: 7, text1: 'e', text2: 'f g h' },
    ];
    await writeFile(at('pairs.jsonl.gz'), gzipSync(rows.map((row) => `${JSON.stringify(row)}\n\n`).join('')));
    const { json } = await vectormillJson('rank', '--model', PLAIN, '--pairs', at('pairs.jsonl.gz'));
    const scores = await scoresOf(PLAIN, [
      ['a b', 'c d'],
      ['e', 'f g h'],
    ]);
    const near = scores.map((score) => expect.closeTo(score, 5));
    expect(json.results).toEqual([
      { index: 0, scores: near.slice(0, 3) },
      { index: 1, id: '7', scores: near.slice(3) },
    ]);
  });

  test('writes JSON lines to --output, and refuses an existing one until --overwrite is given', async () => {
    const input = await writeDocuments('to-file.jsonl');
    const line = [
      'rank',
      '--model',
      SAVED,
      '--query',
      QUERY,
      '--input',
      input,
      '--output',
      at('scores.jsonl'),
    ];
    const { json } = await vectormillJson(...line);
    expect(json).toMatchObject({ output: `file://${at('scores.jsonl')}`, rows: DOCUMENTS.length });
    const written = (await readFile(at('scores.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(written.map((text) => JSON.parse(text).rank)).toEqual(DOCUMENTS.map((_, row) => row + 1));
    expect(await vectormillJson(...line)).toMatchObject({
      code: 2,
      json: { error: { code: 'OUTPUT_EXISTS' } },
    });
    expect((await vectormillJson(...line, '--overwrite')).code).toBe(0);
  });

  test('cuts pairs at --max-tokens and applies --activation', async () => {
    await writeFile(at('long.jsonl'), '{"query": "a b c d e f", "text": "g h i j k l"}\n');
    const line = ['rank', '--model', SAVED, '--pairs', at('long.jsonl'), '--max-tokens', '8'];
    const [expected] = await scoresOf(SAVED, [['a b c d e f', 'g h i j k l']], 8);
    expect((await vectormillJson(...line)).json.results[0].score).toBeCloseTo(expected!, 5);
    const { json } = await vectormillJson(...line, '--activation', 'Identity');
    expect(1 / (1 + Math.exp(-json.results[0].score))).toBeCloseTo(expected!, 5);
  });

  test('keeps the order over more pairs than are scored at once', async () => {
    const letters = Array.from({ length: 4200 }, (_, row) => 'abcdefg'[row % 7]!);
    await writeFile(at('many.jsonl'), letters.map((text) => JSON.stringify({ query: 'h', text })).join('\n'));
    const { json } = await vectormillJson('rank', '--model', SAVED, '--pairs', at('many.jsonl'));
    const seven = await scoresOf(
      SAVED,
      letters.slice(0, 7).map((text) => ['h', text]),
    );
    expect(json.results).toHaveLength(4200);
    for (const row of [0, 4095, 4096, 4199])
      expect(json.results[row]).toEqual({ index: row, score: expect.closeTo(seven[row % 7]!, 5) });
  });

  test('an input without rows gives a ranking without rows', async () => {
    await writeFile(at('none.jsonl'), '\n');
    const { code, json } = await vectormillJson(
      'rank',
      '--model',
      SAVED,
      '--query',
      'a',
      '--input',
      at('none.jsonl'),
    );
    expect(code).toBe(0);
    expect(json).toMatchObject({ pairs: 0, tokens: 0, results: [] });
  });
});

describe('rank refuses or fails, and writes nothing,', () => {
  async function error(...line: string[]) {
    const before = await filesBelow(folder.path);
    const { code, json } = await vectormillJson('rank', ...line, '--output', at('never.jsonl'));
    expect(await filesBelow(folder.path)).toEqual(before);
    return { exit: code, ...json.error };
  }

  test('unless a query and documents, or pairs, are given', async () => {
    const input = await writeDocuments('either.jsonl');
    for (const line of [
      [],
      ['--query', 'a'],
      ['--input', input],
      ['--query', 'a', '--input', input, '--pairs', input],
      ['--pairs', input, '--top', '3'],
    ])
      expect(await error('--model', SAVED, ...line)).toMatchObject({ exit: 2, code: 'USAGE' });
  });

  test('for a model that embeds, naming the command to use instead', async () => {
    await writeTinyModel(at('embedder'));
    const input = await writeDocuments('embeds.jsonl');
    const refused = await error('--model', at('embedder'), '--query', 'a', '--input', input);
    expect(refused).toMatchObject({ exit: 2, code: 'MODEL_UNSUPPORTED' });
    expect(refused.remedy).toContain('vectormill encode');
  });

  test('for a query with a model of several labels, and for an unknown activation', async () => {
    const input = await writeDocuments('labels.jsonl');
    const line = ['--query', 'a', '--input', input];
    expect(await error('--model', PLAIN, ...line)).toMatchObject({ exit: 2, code: 'USAGE' });
    expect(await error('--model', SAVED, ...line, '--activation', 'Swish')).toMatchObject({ exit: 2 });
  });

  test("for a token limit without room for both texts, and for one above the model's", async () => {
    const input = await writeDocuments('limits.jsonl');
    for (const limit of ['4', '17'])
      expect(
        await error('--model', SAVED, '--query', 'a', '--input', input, '--max-tokens', limit),
      ).toMatchObject({ exit: 2, code: 'USAGE' });
  });

  test.each([
    ['no second text', '{"query": "secret"}', /no string `text`/],
    ['one name of each pair', '{"text1": "secret", "text": "secret"}', /no string `text2`/],
    ['an id that is a list', '{"id": [1], "query": "secret", "text": "secret"}', /no `id`/],
    ['broken JSON', '{"query": "secret"', /not valid JSON/],
  ])('for a pair with %s, naming its line and not its text', async (_, bad, message) => {
    await writeFile(at('bad.jsonl'), `{"query": "a", "text": "b"}\n${bad}\n`);
    const failed = await error('--model', SAVED, '--pairs', at('bad.jsonl'));
    expect(failed).toMatchObject({ exit: 1, code: 'INPUT_DAMAGED', component: 'rank', position: 2 });
    expect(failed.message).toMatch(message);
    expect(failed.message).not.toContain('secret');
  });

  test('without an input', async () => {
    const missing = await error('--model', SAVED, '--pairs', at('missing.jsonl'));
    expect(missing).toMatchObject({ exit: 2, code: 'INPUT_NOT_FOUND' });
    expect(missing.remedy).toContain('--pairs');
  });
});

describe('a cross-encoder in other commands', () => {
  test('is refused by encode, which names rank', async () => {
    const input = await writeDocuments('encode.jsonl');
    const line = ['encode', '--model', SAVED, '--input', input, '--output', at('none.parquet')];
    const { code, json } = await vectormillJson(...line);
    expect(code).toBe(2);
    expect(json.error).toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      remedy: expect.stringContaining('vectormill rank'),
    });
    expect(existsSync(at('none.parquet'))).toBe(false);
  });

  test('is refused by a job before it starts', async () => {
    const job = [`input: ${at('encode.jsonl')}`, `output: ${at('out')}`, 'dataset: pairs', `model: ${SAVED}`];
    await writeFile(at('job.yaml'), job.join('\n'));
    const { code, json } = await vectormillJson('run', at('job.yaml'));
    expect({ code, error: json.error.code }).toEqual({ code: 2, error: 'MODEL_UNSUPPORTED' });
    expect(existsSync(at('out'))).toBe(false);
  });

  test('is described by model show', async () => {
    const { json } = await vectormillJson('model', 'show', SAVED, '--max-tokens', '8');
    expect(json.signature).toMatchObject({ kind: 'cross-encoder', labels: 1, maxTokens: 8 });
    const { stdout } = await vectormill('model', 'show', SAVED);
    expect(stdout).toMatch(/outputActivation +Sigmoid/);
  });
});
