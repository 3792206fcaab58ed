import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { distillModel } from '../../../../engine/model/distill/distill.js';
import { writeStaticFolder } from '../../../../engine/model/distill/write-static-folder.js';
import { zipfWeights } from '../../../../engine/model/distill/zipf-weights.js';
import { findModel, openEmbedder } from '../../../../engine/model/find/find-model.js';
import { filesBelow } from '../../../cli/command-line.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { TINY, writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
const at = (name: string) => join(folder.path, name);
beforeAll(() => writeTinyModel(at('model')));

describe('a static model distilled from a transformer', () => {
  it('keeps the distances that the model puts between tokens, weighted by their rank', async () => {
    // Without a Normalize module, the transformer's vectors are distilled as they are.
    const modules = ['Transformer', 'Pooling'].map((name, idx) => ({
      path: idx === 0 ? '' : `${idx}_${name}`,
      type: `sentence_transformers.models.${name}`,
    }));
    await writeTinyModel(at('plain'), { files: { 'modules.json': modules } });
    const { embeddings, dimensions, tokens } = await distillModel(at('plain'), { sessions: 1 });
    expect([dimensions, tokens]).toEqual([TINY.hidden, 26]);
    expect(embeddings).toHaveLength(TINY.words.length * TINY.hidden);
    expect(embeddings.subarray(0, 4 * TINY.hidden).every((value) => value === 0)).toBe(true);
    const transformer = await openEmbedder({ source: at('plain'), sessions: 1 });
    const { vectors } = await transformer.embed([...'abcdefghijklmnopqrstuvwxyz']);
    await transformer.close();
    const weights = zipfWeights(26);
    const distance = (row: (column: number) => number) =>
      Math.hypot(...Array.from({ length: TINY.hidden }, (_, column) => row(column)));
    for (let letter = 1; letter < 26; letter++) {
      const weighted = (token: number, column: number) =>
        embeddings[(4 + token) * TINY.hidden + column]! / weights[token]!;
      const own = distance((column) => vectors[letter * TINY.hidden + column]! - vectors[column]!);
      expect(distance((column) => weighted(letter, column) - weighted(0, column))).toBeCloseTo(own, 3);
    }
  });

  it('is the same whenever it is made, and reports progress that adds up', async () => {
    const progress: [string, number, number][] = [];
    const options = { dimensions: 5, sessions: 1 };
    const first = await distillModel(at('model'), {
      ...options,
      onProgress: (...step) => progress.push(step),
    });
    const second = await distillModel(at('model'), options);
    expect(second.embeddings).toEqual(first.embeddings);
    expect(progress.filter(([step]) => step === 'embedded').at(-1)).toEqual(['embedded', 26, 26]);
    expect(progress.at(-1)).toEqual(['reduced', 26, 26]);
  });

  it('refuses more dimensions than the model has', async () => {
    const distilled = distillModel(at('model'), { dimensions: 13 });
    await expect(distilled).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('the folder of a distilled model', () => {
  it('is a model like any other, with the files that model2vec reads', async () => {
    const distilled = await distillModel(at('model'), { dimensions: 5, sessions: 1 });
    const path = await writeStaticFolder(distilled, at('static'), false);
    expect((await readdir(path)).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'modules.json',
      'tokenizer.json',
    ]);
    const { signature } = await findModel({ source: path });
    expect(signature).toMatchObject({
      architecture: 'static',
      parameters: { rules: 'model2vec', rows: TINY.words.length },
      dimensions: 5,
      normalize: true,
      maxTokens: 512,
    });
    const { vectors } = await (await openEmbedder({ source: path })).embed(['a b', 'a']);
    expect(Math.hypot(...vectors.subarray(0, 5))).toBeCloseTo(1, 5);
    const row = distilled.embeddings.slice(4 * 5, 5 * 5);
    const length = Math.hypot(...row);
    for (let i = 0; i < 5; i++) expect(vectors[5 + i]).toBeCloseTo(row[i]! / length, 5);
  });

  it('replaces another static model only if that is asked for, and never anything else', async () => {
    const distilled = await distillModel(at('model'), { dimensions: 3, sessions: 1 });
    const path = await writeStaticFolder(distilled, at('twice'), false);
    const other = await distillModel(at('model'), { dimensions: 4, sessions: 1 });
    await expect(writeStaticFolder(other, path, false)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect((await findModel({ source: path })).signature.dimensions).toBe(3);
    await writeStaticFolder(other, path, true);
    expect((await findModel({ source: path })).signature.dimensions).toBe(4);

    await mkdir(at('precious'));
    await writeFile(join(at('precious'), 'thesis.txt'), 'years of work');
    const refused = writeStaticFolder(other, at('precious'), true);
    await expect(refused).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(await readFile(join(at('precious'), 'thesis.txt'), 'utf8')).toBe('years of work');
    expect(Object.keys(await filesBelow(folder.path)).filter((file) => file.includes('/.'))).toEqual([]);
  });
});
