import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectedVectors, STATIC_MODELS } from '../engine/model/static/static-models.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { TINY, writeTinyModel } from '../engine/model/tiny-model.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();
const at = (name: string) => join(folder.path, name);
beforeAll(() => writeTinyModel(at('model')));

describe('model distill', () => {
  test('writes a model that other commands accept', async () => {
    const { code, json } = await vectormillJson('model', 'distill', at('model'), '--output', at('static'));
    expect(code).toBe(0);
    expect(json).toEqual({ model: at('model'), folder: at('static'), tokens: 26, dimensions: TINY.hidden });
    const shown = await vectormillJson('model', 'show', at('static'));
    expect(shown.json.signature.architecture).toBe('static');
  });

  test('is refused before any work where the output exists, or for a model that is not a transformer', async () => {
    await writeFile(at('file'), 'x');
    const before = await filesBelow(folder.path);
    const there = await vectormillJson(
      'model',
      'distill',
      at('model'),
      '--output',
      at('file'),
      '--overwrite',
    );
    expect([there.code, there.json.error.code]).toEqual([2, 'OUTPUT_EXISTS']);
    const source = join(STATIC_MODELS, 'float32');
    const again = await vectormillJson('model', 'distill', source, '--output', at('again'));
    expect([again.code, again.json.error.code]).toEqual([2, 'MODEL_UNSUPPORTED']);
    expect(await filesBelow(folder.path)).toEqual(before);
  });
});

describe('a static model', () => {
  test('embeds texts of a file like its own library', async () => {
    const { texts, vectors } = await expectedVectors();
    const rows = texts.map((text, id) => JSON.stringify({ id: `${id}`, text }));
    await writeFile(at('texts.jsonl'), rows.join('\n'));
    const source = join(STATIC_MODELS, 'float32');
    const options = ['--model', source, '--input', at('texts.jsonl'), '--output', at('vectors.parquet')];
    const { code } = await vectormillJson('encode', ...options);
    expect(code).toBe(0);
    const bytes = await readFile(at('vectors.parquet'));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const written = (await parquetReadObjects({ file })) as { id: string; vector: number[] }[];
    for (const [index, { vector }] of written.entries())
      for (const [column, value] of vector.entries())
        expect(value).toBeCloseTo(vectors.float32![index]![column]!, 5);
  });

  test('is described with its rules, also from a file of word vectors', async () => {
    await writeFile(at('glove.txt'), 'the 1 0\ncat 0 1\n');
    const { stdout, code } = await vectormill('model', 'show', at('glove.txt'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/architecture +static/);
    expect(stdout).toMatch(/rules +words 1/);
    await writeFile(at('bad.txt'), 'the 1 0\ncat 0 1\nmat 1\n');
    const shown = await vectormillJson(
      'encode',
      '--model',
      at('bad.txt'),
      '--input',
      at('texts.jsonl'),
      '--output',
      at('x.parquet'),
    );
    expect([shown.code, shown.json.error.code, shown.json.error.position]).toEqual([2, 'MODEL_INVALID', 3]);
  });
});
