import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeAll, describe, expect, test } from 'vitest';
import { rangesOf } from '../../core/value-ranges.js';
import { decodeVectors, encodeVectors } from '../../core/vector-encoding.js';
import { needsRanges, type VectorEncoding } from '../../core/vector-precision.js';
import { openEmbedder } from '../../engine/model/find/find-model.js';
import {
  hasMinilm,
  hasReference,
  lowestCosine,
  MINILM,
  referenceTexts,
  referenceVectors,
} from '../engine/model/reference.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { TINY, writeTinyModel } from '../engine/model/tiny-model.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

interface Row {
  id: string;
  vector: number[];
}

async function readRows(path: string): Promise<Row[]> {
  const bytes = await readFile(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return (await parquetReadObjects({ file, compressors })) as unknown as Row[];
}

const folder = useTemporaryFolder();
const at = (name: string) => join(folder.path, name);

beforeAll(async () => writeTinyModel(at('model')));

function encode(input: string, output: string, ...more: string[]) {
  return vectormillJson('encode', '--model', at('model'), '--input', input, '--output', output, ...more);
}

async function vectorOf(text: string, options: { maxTokens?: number } = {}): Promise<number[]> {
  const embedder = await openEmbedder({ source: at('model'), sessions: 1, ...options });
  try {
    return [...(await embedder.embed([text])).vectors];
  } finally {
    await embedder.close();
  }
}

describe('encode', () => {
  test('makes one row for each line, in order, with ids as text, empty and blank texts included', async () => {
    const lines = [
      '{"id": 7, "text": "a b"}',
      '',
      '{"text": "", "id": "x"}',
      '{"id": 7, "text": "  ", "more": 1}',
      '{"id": 9007199254740993, "text": "b"}',
    ];
    await writeFile(at('texts.jsonl'), `\ufeff${lines.join('\r\n')}`);
    const { code, json } = await encode(at('texts.jsonl'), at('vectors.parquet'));
    expect(code).toBe(0);
    expect(json).toMatchObject({
      output: `file://${at('vectors.parquet')}`,
      rows: 4,
      dimensions: TINY.hidden,
    });
    const rows = await readRows(at('vectors.parquet'));
    expect(rows.map(({ id }) => id)).toEqual(['7', 'x', '7', '9007199254740993']);
    expect(rows[0]!.vector).toEqual(await vectorOf('a b'));
    expect(rows[1]!.vector).toEqual(rows[2]!.vector);
  });

  test('reads compressed input', async () => {
    await writeFile(at('texts.jsonl.gz'), gzipSync('{"id": "1", "text": "c"}\n'));
    await encode(at('texts.jsonl.gz'), at('unzipped.parquet'));
    expect((await readRows(at('unzipped.parquet')))[0]!.vector).toEqual(await vectorOf('c'));
  });

  test('an input without rows gives a file without rows', async () => {
    await writeFile(at('none.jsonl'), '\n');
    expect((await encode(at('none.jsonl'), at('none.parquet'))).json.rows).toBe(0);
    expect(await readRows(at('none.parquet'))).toEqual([]);
  });

  test('keeps the order over more rows than are embedded at once', async () => {
    const letters = Array.from({ length: 4200 }, (_, row) => 'abcdefg'[row % 7]!);
    const lines = letters.map((text, id) => JSON.stringify({ id, text }));
    await writeFile(at('many.jsonl'), lines.join('\n'));
    await encode(at('many.jsonl'), at('many.parquet'));
    const rows = await readRows(at('many.parquet'));
    expect(rows.map(({ id }) => Number(id))).toEqual(letters.map((_, row) => row));
    for (const row of [0, 4095, 4096, 4199]) {
      const expected = await vectorOf(letters[row]!);
      for (const [i, value] of rows[row]!.vector.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
    }
  });

  test('cuts texts at --max-tokens', async () => {
    await writeFile(at('long.jsonl'), '{"id": "1", "text": "a b c d"}\n');
    await encode(at('long.jsonl'), at('long.parquet'), '--max-tokens', '4');
    expect((await readRows(at('long.parquet')))[0]!.vector).toEqual(await vectorOf('a b'));
  });

  test('keeps --dimensions of each vector, with length 1', async () => {
    await writeFile(at('short.jsonl'), '{"id": "1", "text": "a b"}\n');
    const { json } = await encode(at('short.jsonl'), at('short.parquet'), '--dimensions', '4');
    const [row] = await readRows(at('short.parquet'));
    const whole = (await vectorOf('a b')).slice(0, 4);
    const expected = whole.map((value) => expect.closeTo(value / Math.hypot(...whole), 5));
    expect({ dimensions: json.dimensions, vector: [...row!.vector] }).toEqual({
      dimensions: 4,
      vector: expected,
    });
  });

  test('puts --prompt before every text', async () => {
    await writeFile(at('prompt.jsonl'), '{"id": "1", "text": "c d"}\n');
    await encode(at('prompt.jsonl'), at('prompt.parquet'), '--prompt', 'a b ');
    expect((await readRows(at('prompt.parquet')))[0]!.vector).toEqual(await vectorOf('a b c d'));
  });

  test("uses the model's own prompt by its name, and refuses one that it does not have", async () => {
    await writeTinyModel(at('prompted'), {
      files: { 'config_sentence_transformers.json': { prompts: { query: 'x y ' } } },
    });
    await writeFile(at('named.jsonl'), '{"id": "1", "text": "c"}\n');
    const line = ['encode', '--model', at('prompted'), '--input', at('named.jsonl'), '--output'];
    expect((await vectormill(...line, at('named.parquet'), '--prompt', 'query')).code).toBe(0);
    expect((await readRows(at('named.parquet')))[0]!.vector).toEqual(await vectorOf('x y c'));
    const { code, json } = await vectormillJson(...line, at('other.parquet'), '--prompt', 'document');
    expect(code).toBe(2);
    expect(json.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('`document`') });
    expect(existsSync(at('other.parquet'))).toBe(false);
  });
});

describe('encode --vector-precision', () => {
  beforeAll(async () => {
    const lines = ['a b', 'c d e', 'x', 'y z', ''].map((text, id) => JSON.stringify({ id, text }));
    await writeFile(at('stored.jsonl'), lines.join('\n'));
    expect((await encode(at('stored.jsonl'), at('stored-float32.parquet'))).json.vectorPrecision).toBe(
      'float32',
    );
  });

  async function plain(): Promise<Float32Array> {
    return Float32Array.from((await readRows(at('stored-float32.parquet'))).flatMap(({ vector }) => vector));
  }

  test.each(['float16', 'int8', 'uint8', 'binary', 'ubinary'] as const)(
    '%s stores the same vectors in that precision, and the file can be read back by itself',
    async (precision) => {
      const output = at(`stored-${precision}.parquet`);
      const { code, json } = await encode(at('stored.jsonl'), output, '--vector-precision', precision);
      expect(code).toBe(0);
      expect(json).toMatchObject({ vectorPrecision: precision, dimensions: TINY.hidden, rows: 5 });
      const vectors = await plain();
      const ranges = rangesOf(vectors, TINY.hidden)!;
      const stored = encodeVectors(vectors, TINY.hidden, { precision, ranges });
      const numbers = (await readRows(output)).flatMap(({ vector }) => vector);
      const decoded = (encoding: VectorEncoding) => decodeVectors(stored, TINY.hidden, encoding);
      expect(numbers).toEqual(precision === 'float16' ? [...decoded({ precision })] : [...stored]);
      const { footer } = (await vectormillJson('inspect', output)).json;
      const listed = footer['vectormill.ranges'];
      expect(footer).toMatchObject({
        'vectormill.precision': precision,
        'vectormill.dimensions': String(TINY.hidden),
      });
      expect(listed && JSON.parse(listed)).toEqual(needsRanges(precision) ? ranges : undefined);
    },
  );

  test('of an input without rows gives a file without rows', async () => {
    await writeFile(at('no-rows.jsonl'), '\n');
    const { code } = await encode(at('no-rows.jsonl'), at('no-rows.parquet'), '--vector-precision', 'int8');
    expect(code).toBe(0);
    expect(await readRows(at('no-rows.parquet'))).toEqual([]);
  });

  test('that is unknown is refused with the known ones, and nothing is written', async () => {
    const { code, stderr } = await vectormill(
      ...['encode', '--model', at('model'), '--input', at('stored.jsonl')],
      ...['--output', at('unknown.parquet'), '--vector-precision', 'int4'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('float32, float16, int8, uint8, binary, ubinary');
    expect(existsSync(at('unknown.parquet'))).toBe(false);
  });
});

describe('encode refuses or fails, and writes nothing,', () => {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it expects
  async function leavesAll(run: () => Promise<{ code: number; json: any }>): Promise<any> {
    const before = await filesBelow(folder.path);
    const { code, json } = await run();
    expect(await filesBelow(folder.path)).toEqual(before);
    return { exit: code, ...json.error };
  }

  test.each([
    ['broken JSON', '{"id": 1, "text": "secret"', /^line 2 .* is not valid JSON$/],
    ['a list', '["secret"]', /not an object/],
    ['no text', '{"id": 1}', /no string `text`/],
    ['a text that is a number', '{"id": 1, "text": 5}', /no string `text`/],
    ['half a surrogate pair', '{"id": 1, "text": "secret \\ud800"}', /surrogate/],
    ['no id', '{"text": "secret"}', /no `id`/],
    ['an id that is a list', '{"id": [1], "text": "secret"}', /no `id`/],
  ])('for a line with %s, naming its number and not its text', async (_, line, message) => {
    await writeFile(at('bad.jsonl'), `{"id": 0, "text": "a"}\n${line}\n{"id": 2, "text": "b"}\n`);
    const error = await leavesAll(() => encode(at('bad.jsonl'), at('bad.parquet')));
    expect(error).toMatchObject({
      exit: 1,
      code: 'INPUT_DAMAGED',
      position: 2,
      file: `file://${at('bad.jsonl')}`,
    });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });

  test('for a line that is not UTF-8', async () => {
    await writeFile(at('latin.jsonl'), Buffer.from('{"id": 1, "text": "\xe9"}\n', 'latin1'));
    const error = await leavesAll(() => encode(at('latin.jsonl'), at('latin.parquet')));
    expect(error).toMatchObject({ code: 'INPUT_DAMAGED', position: 1 });
  });

  test('where the output exists, until --overwrite is given', async () => {
    await writeFile(at('again.jsonl'), '{"id": 1, "text": "a"}\n');
    await writeFile(at('again.parquet'), 'something of mine');
    await writeFile(at('bad-again.jsonl'), 'not json');
    // This is checked before the input is read.
    expect((await encode(at('bad-again.jsonl'), at('again.parquet'))).json.error.code).toBe('OUTPUT_EXISTS');
    const error = await leavesAll(() => encode(at('again.jsonl'), at('again.parquet')));
    expect(error).toMatchObject({ exit: 2, code: 'OUTPUT_EXISTS' });
    expect((await encode(at('again.jsonl'), at('again.parquet'), '--overwrite')).code).toBe(0);
    expect(await readRows(at('again.parquet'))).toHaveLength(1);
  });

  test('where the output is the input, even with --overwrite', async () => {
    await writeFile(at('same.jsonl'), '{"id": 1, "text": "a"}\n');
    const error = await leavesAll(() => encode(at('same.jsonl'), at('./same.jsonl'), '--overwrite'));
    expect(error).toMatchObject({ exit: 2, code: 'USAGE' });
  });

  test('where the output is a folder', async () => {
    await mkdir(at('folder'));
    await writeFile(at('to-folder.jsonl'), '{"id": 1, "text": "a"}\n');
    const error = await leavesAll(() => encode(at('to-folder.jsonl'), at('folder')));
    expect(error.code).not.toBe('INTERNAL');
  });

  test('without an input or a model', async () => {
    expect(await leavesAll(() => encode(at('no.jsonl'), at('no.parquet')))).toMatchObject({
      exit: 2,
      code: 'INPUT_NOT_FOUND',
    });
    const line = ['encode', '--model', 'no-such', '--input', at('no.jsonl'), '--output', at('no.parquet')];
    expect(await leavesAll(() => vectormillJson(...line))).toMatchObject({
      exit: 2,
      code: 'MODEL_NOT_FOUND',
    });
  });
});

describe.skipIf(!hasMinilm || !hasReference)(
  'encode with the pulled model (needs the shared reference)',
  () => {
    test.each([
      ['model', []],
      ['model.max32', ['--max-tokens', '32']],
      ['model.prompt', ['--prompt', 'query: ']],
    ])('agrees with sentence-transformers on %s to cosine 0.99999', async (name, options) => {
      const texts = await referenceTexts();
      await writeFile(at('ref.jsonl'), texts.map((text, id) => JSON.stringify({ id, text })).join('\n'));
      const output = at(`${name}.parquet`);
      const line = ['encode', '--model', MINILM, '--input', at('ref.jsonl'), '--output', output, ...options];
      expect((await vectormill(...line)).code).toBe(0);
      const rows = await readRows(output);
      expect(rows.map(({ id }) => id)).toEqual(texts.map((_, row) => String(row)));
      const vectors = Float32Array.from(rows.flatMap(({ vector }) => vector));
      expect(lowestCosine(vectors, await referenceVectors(name), 384)).toBeGreaterThanOrEqual(0.99999);
    });
  },
);
