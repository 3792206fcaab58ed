import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { findModel, openEmbedder } from '../../../../engine/model/find/find-model.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { safetensorsBytes } from '../tiny-model.js';
import { expectedVectors, STATIC_MODELS } from './static-models.js';

const folder = useTemporaryFolder();
const { texts, vectors } = await expectedVectors();

/** Returns a copy of an undamaged folder. */
async function copyOf(name: string): Promise<string> {
  const copy = join(folder.path, `${name}-${Math.random()}`);
  await cp(join(STATIC_MODELS, name), copy, { recursive: true });
  return copy;
}

async function editJson(file: string, edit: (values: Record<string, unknown>) => void): Promise<void> {
  const values = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  edit(values);
  await writeFile(file, JSON.stringify(values));
}

/** Writes a table of `rows` rows with 12 columns that hold `value`. */
async function writeTable(file: string, name: string, rows: number, value: number): Promise<void> {
  const bytes = new Uint8Array(new Float32Array(rows * 12).fill(value).buffer);
  await writeFile(file, safetensorsBytes(new Map([[name, { dtype: 'F32', shape: [rows, 12], bytes }]])));
}

describe('static embeddings give the vectors of the library that wrote the folder', () => {
  test.each(Object.keys(vectors))('%s', async (name) => {
    const embedder = await openEmbedder({ source: join(STATIC_MODELS, name) });
    const { vectors: computed } = await embedder.embed(texts);
    for (const [row, expected] of vectors[name]!.entries())
      for (const [column, number] of expected.entries())
        expect(Math.abs(computed[row * 12 + column]! - number), `text ${row}`).toBeLessThan(1e-5);
    expect(computed).toHaveLength(vectors[name]!.length * 12);
  });

  it('keeps the first numbers of each vector and normalises those again, if a job asks for fewer', async () => {
    const embedder = await openEmbedder({ source: join(STATIC_MODELS, 'float32'), dimensions: 5 });
    const { vectors: computed } = await embedder.embed([texts[0]!]);
    const first = vectors.float32![0]!.slice(0, 5);
    const length = Math.hypot(...first);
    expect(computed).toHaveLength(5);
    for (const [column, number] of first.entries()) expect(computed[column]).toBeCloseTo(number / length, 5);
  });

  it('puts a prompt before each text', async () => {
    const embedder = await openEmbedder({ source: join(STATIC_MODELS, 'sentence-transformers') });
    const prompted = await embedder.embed(['cat'], { prompt: 'query' });
    const written = await embedder.embed(['the query: cat']);
    expect(embedder.signature.prompts).toEqual({ query: 'the query: ', document: '' });
    expect(prompted.vectors).toEqual(written.vectors);
  });

  it('counts the tokens that made a vector, and gives zeros for a text without any', async () => {
    const embedder = await openEmbedder({ source: join(STATIC_MODELS, 'short') });
    const { vectors: computed, tokens } = await embedder.embed(['cat ugh mat', 'unheard', '']);
    expect(tokens).toBe(2);
    expect(computed.subarray(12).every((number) => number === 0)).toBe(true);
  });

  it('embeds more texts than one turn of the event loop holds, in order and with progress', async () => {
    const embedder = await openEmbedder({ source: join(STATIC_MODELS, 'short') });
    const many = Array.from({ length: 600 }, (_, index) => (index % 2 === 0 ? 'cat' : 'mat'));
    const done: number[] = [];
    const all = await embedder.embed(many, { onProgress: ({ rows }) => done.push(rows) });
    const [cat, mat] = [await embedder.embed(['cat']), await embedder.embed(['mat'])];
    for (let row = 0; row < 600; row++)
      expect(all.vectors.slice(row * 12, row * 12 + 12)).toEqual((row % 2 === 0 ? cat : mat).vectors);
    expect(done.reduce((sum, rows) => sum + rows, 0)).toBe(600);
    expect(done.length).toBeGreaterThan(1);
  });

  it('stops when it is cancelled', async () => {
    const embedder = await openEmbedder({ source: join(STATIC_MODELS, 'short') });
    const signal = AbortSignal.abort();
    await expect(embedder.embed(['cat'], { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('the signature of static embeddings', () => {
  it('has the rules, the limit and the files that vectors come from', async () => {
    const { signature } = await findModel({ source: join(STATIC_MODELS, 'float16') });
    expect(signature).toMatchObject({
      name: 'float16',
      architecture: 'static',
      parameters: { rules: 'model2vec', rows: 217, columns: 12, storedType: 'F16' },
      pooling: ['mean'],
      normalize: true,
      maxTokens: 512,
      dimensions: 12,
    });
    expect(signature.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has no limit if the folder has none, and otherwise the one that sentence-transformers applies', async () => {
    const limits = await Promise.all(
      ['unigram', 'short', 'sentence-transformers', 'sentence-transformers-old'].map(
        async (name) => (await findModel({ source: join(STATIC_MODELS, name) })).signature.maxTokens,
      ),
    );
    expect(limits).toEqual([1_000_000, 4, 1_000_000, 6]);
  });

  it('leads to a tokenizer that says where model2vec would lose characters, so that chunks are cut smaller', async () => {
    const model = await findModel({ source: join(STATIC_MODELS, 'float32'), maxTokens: 8 });
    const tokenizer = await model.tokenizer();
    const [short, long] = await tokenizer.encode(['cat', `cat${' '.repeat(40)}cat`], 8);
    expect([short!.truncated, long!.truncated]).toEqual([false, true]);
    expect(long!.ids).toEqual(short!.ids);
  });

  it('refuses more dimensions than the table has, and precisions that it does not support', async () => {
    const source = join(STATIC_MODELS, 'float32');
    await expect(findModel({ source, dimensions: 13 })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(findModel({ source, precision: 'int8' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('a damaged folder of static embeddings is refused with the file', () => {
  /** The error of `check`, and so before a job starts, unless reading the folder already fails. */
  async function refusalOf(source: string): Promise<unknown> {
    return findModel({ source })
      .then(
        (model) => model.check().then(() => undefined),
        (error: unknown) => error,
      )
      .catch((error: unknown) => error);
  }

  it('for weights that are cut short', async () => {
    const source = await copyOf('float32');
    const file = join(source, 'model.safetensors');
    await writeFile(file, (await readFile(file)).subarray(0, 5000));
    expect(await refusalOf(source)).toMatchObject({ code: 'MODEL_INVALID', file });
  });

  it('for weights without the embeddings', async () => {
    const source = await copyOf('float32');
    const file = join(source, 'model.safetensors');
    await writeTable(file, 'other', 217, 1);
    expect(await refusalOf(source)).toMatchObject({
      code: 'MODEL_INVALID',
      file,
      message: 'the weights hold no tensor "embeddings"',
    });
  });

  it('for weights that are not there', async () => {
    const source = await copyOf('float32');
    await rm(join(source, 'model.safetensors'));
    expect(await refusalOf(source)).toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('for a tokenizer with more tokens than the table has rows', async () => {
    for (const [name, tensor] of [
      ['float32', 'embeddings'],
      ['sentence-transformers', 'embedding.weight'],
    ] as const) {
      const source = await copyOf(name);
      await writeTable(join(source, 'model.safetensors'), tensor, 216, 1);
      const file = join(source, 'tokenizer.json');
      expect(await refusalOf(source)).toMatchObject({ code: 'MODEL_INVALID', file });
    }
  });

  it('for a table with rows that model2vec has no token for', async () => {
    const source = await copyOf('float32');
    await writeTable(join(source, 'model.safetensors'), 'embeddings', 218, 1);
    const file = join(source, 'tokenizer.json');
    expect(await refusalOf(source)).toMatchObject({ code: 'MODEL_INVALID', file });
  });

  it('for NaN and Inf in the table', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const source = await copyOf('float32');
      const file = join(source, 'model.safetensors');
      await writeTable(file, 'embeddings', 217, value);
      expect(await refusalOf(source)).toMatchObject({
        code: 'MODEL_INVALID',
        file,
        message: '"embeddings" holds NaN or Inf, as number 0',
      });
    }
  });

  it('for a missing tokenizer and for a limit that is not a number', async () => {
    const source = await copyOf('float32');
    await editJson(join(source, 'config.json'), (values) => {
      values.max_length = 'long';
    });
    expect(await refusalOf(source)).toMatchObject({
      code: 'MODEL_INVALID',
      file: join(source, 'config.json'),
    });
    await rm(join(source, 'tokenizer.json'));
    expect(await refusalOf(source)).toMatchObject({
      code: 'MODEL_INVALID',
      file: join(source, 'tokenizer.json'),
    });
  });

  it('for a module that is not supported', async () => {
    const source = await copyOf('sentence-transformers');
    const file = join(source, 'modules.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('normalize.Normalize', 'dense.Dense'));
    expect(await refusalOf(source)).toMatchObject({ code: 'MODEL_UNSUPPORTED', file });
  });

  it('but not for sums beyond float32 whose mean is within it', async () => {
    const source = await copyOf('float32');
    await editJson(join(source, 'config.json'), (values) => {
      values.normalize = false;
    });
    await writeTable(join(source, 'model.safetensors'), 'embeddings', 217, 3.4e38);
    const embedder = await openEmbedder({ source });
    expect((await embedder.embed(['the cat'])).vectors[0]).toBe(Math.fround(3.4e38));
  });
});
