import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { TINY, tinyWeights, writeTinyModel } from '../engine/model/tiny-model.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
let place: string;
let made: Awaited<ReturnType<typeof tinyDataset>>;

beforeAll(async () => {
  made = await tinyDataset(folder.path);
  place = join(folder.path, 'out', 'letters');
});

/** Runs a command that must leave every file unchanged. */
async function refused(...line: string[]) {
  const before = await filesBelow(folder.path);
  const outcome = await vectormillJson(...line);
  expect(outcome.code).toBe(2);
  expect(await filesBelow(folder.path)).toEqual(before);
  return outcome.json.error;
}

describe('search', () => {
  test('finds the document with the same text, with cosine 1', async () => {
    const { code, json } = await vectormillJson('search', place, 'x y z', '--top', '2');
    expect(code).toBe(0);
    expect(json).toMatchObject({ dataset: 'letters', version: 'v1', query: 'x y z' });
    expect(json.hits).toHaveLength(2);
    expect(json.hits[0]).toMatchObject({ rank: 1, docId: 'second', title: 'Two', text: 'x y z' });
    expect(json.hits[0].score).toBeCloseTo(1, 5);
  });

  test('prints rank, score, document, title and snippet', async () => {
    const { stdout } = await vectormill('search', `${place}@v1`, 'a b c', '--top', '1');
    expect(stdout).toBe('1. 1.0000  first · One\n   a b c\n');
  });

  test("uses the job's own limit on tokens, which is part of the fingerprint", async () => {
    const short = join(folder.path, 'short');
    const { output } = await tinyDataset(short, {
      job: { model: { source: join(short, 'model'), max_tokens: 10 } },
      maxTokens: 10,
    });
    const { code, json } = await vectormillJson('search', join(output, 'letters'), 'x y z');
    expect(code).toBe(0);
    expect(json.hits[0].docId).toBe('second');
    expect((await vectormillJson('verify', join(output, 'letters'))).code).toBe(0);
  });

  test('refuses a query model of another fingerprint and explains that these are two vector spaces', async () => {
    const other = join(folder.path, 'other-model');
    const weights = tinyWeights();
    weights.get('embeddings.LayerNorm.bias')!.data[0]! += 1;
    await writeTinyModel(other, { weights });
    const error = await refused('search', place, 'a', '--model', other);
    expect(error).toMatchObject({
      code: 'FINGERPRINT_MISMATCH',
      message: expect.stringMatching(
        /these are two vector spaces: letters@v1 .*, the query with other-model/,
      ),
    });
  });

  test('refuses a query model with fewer positions than the job uses, which is another space, too', async () => {
    const short = join(folder.path, 'short-model');
    const weights = tinyWeights();
    const positions = weights.get('embeddings.position_embeddings.weight')!;
    positions.shape = [8, TINY.hidden];
    positions.data = positions.data.slice(0, 8 * TINY.hidden);
    await writeTinyModel(short, {
      weights,
      configuration: { max_position_embeddings: 8 },
      files: { 'sentence_bert_config.json': { max_seq_length: 8, do_lower_case: false } },
    });
    expect((await refused('search', place, 'a', '--model', short)).code).toBe('FINGERPRINT_MISMATCH');
  });

  test('refuses a model that cannot be loaded, naming the file', async () => {
    const broken = join(folder.path, 'broken-model');
    await writeTinyModel(broken);
    await writeFile(join(broken, 'config.json'), 'not json');
    const error = await refused('search', place, 'a', '--model', broken);
    expect(error).toMatchObject({ code: 'MODEL_INVALID', file: join(broken, 'config.json') });
  });

  test('refuses an empty query', async () => {
    expect((await refused('search', place, '  ')).code).toBe('USAGE');
  });

  test('refuses a query that is longer than any model reads', async () => {
    expect((await refused('search', place, '字'.repeat(5000))).code).toBe('USAGE');
    expect((await vectormill('search', place, 'a '.repeat(4000))).code).toBe(0);
  });
});

describe('where a dataset lies', () => {
  test.each([
    ['a path', () => [place]],
    ['a file URI', () => [`file://${place}@current`]],
    ['a name and --output', () => ['letters@v1', '--output', made.output]],
  ])('%s', async (_, line) => {
    expect((await vectormillJson('inspect', ...line())).json.version).toBe('v1');
  });

  test('a name and VECTORMILL_OUTPUT', async () => {
    process.env.VECTORMILL_OUTPUT = made.output;
    try {
      expect((await vectormillJson('inspect', 'letters')).json.version).toBe('v1');
    } finally {
      delete process.env.VECTORMILL_OUTPUT;
    }
  });

  test.each([
    ['a name alone, where no Temporal answers', ['letters'], /lies/, /--output.*VECTORMILL_OUTPUT/],
    ['a place and --output', ['./out/letters', '--output', './out'], /and so does --output/, /one/],
    ['.. as the dataset', ['..', '--output', '/x'], /no name of a dataset/, /letters/],
    ['.. in an S3 URI', ['s3://bucket/../letters'], /leads elsewhere/, /without/],
    ['.. in --output', ['letters', '--output', 's3://bucket/a/../b'], /leads elsewhere/, /without/],
    ['.. as the version', ['./out/letters@..'], /no name of a ref or version/, /letters/],
    ['a slash in the version', ['letters@v1/../v2', '--output', '/x'], /and so does --output|no name/, /./],
    ['an empty version', ['./out/letters@'], /no name of a ref or version/, /letters/],
    ['a bucket alone', ['s3://bucket'], /names no dataset/, /./],
    ['an unknown scheme', ['gs://bucket/letters'], /no storage for gs/, /./],
    ['a NUL', ['./o\0ut/letters'], /not a storage URI/, /./],
  ])('%s is refused', async (_, line, message, remedy) => {
    const before = process.env.TEMPORAL_ADDRESS;
    // A port of the discard service on the loopback, which nothing listens on.
    process.env.TEMPORAL_ADDRESS = '127.0.0.1:9';
    try {
      const error = await refused('inspect', ...line);
      expect(error.code).toBe('USAGE');
      expect(error.message).toMatch(message);
      expect(error.remedy).toMatch(remedy);
    } finally {
      if (before === undefined) delete process.env.TEMPORAL_ADDRESS;
      else process.env.TEMPORAL_ADDRESS = before;
    }
  });

  test('a dataset or a version that does not exist is refused, and nothing is created', async () => {
    expect((await refused('inspect', join(folder.path, 'nowhere', 'letters'))).code).toBe(
      'DATASET_NOT_FOUND',
    );
    const error = await refused('verify', `${place}@v9`);
    expect(error).toMatchObject({ code: 'VERSION_NOT_FOUND', remedy: expect.stringContaining('v1') });
  });
});

describe('inspect', () => {
  test('shows totals, model, fingerprint, refs and versions', async () => {
    const { json } = await vectormillJson('inspect', place);
    const { manifest, files } = made;
    expect(json).toMatchObject({
      dataset: 'letters',
      fingerprint: manifest.fingerprint,
      totals: { documents: 3, chunks: 3 },
      refs: [{ ref: 'current', version: 'v1', previous: null }],
      versions: [{ version: 'v1', readable: true }],
      files: { chunks: files.chunkFiles.length, vectors: files.vectorFiles.length, rejects: 0 },
    });
    expect(json.files.list).toBeUndefined();
    const { stdout } = await vectormill('inspect', place);
    for (const text of ['letters@v1', manifest.fingerprint, 'model', 'current → v1'])
      expect(stdout).toContain(text);
  });

  test('lists every file with --files', async () => {
    const { json } = await vectormillJson('inspect', place, '--files');
    const { chunkFiles, vectorFiles } = made.files;
    const expected = [...chunkFiles, ...vectorFiles].map(({ key }) => `file://${made.output}/${key}`);
    expect(json.files.list.map(({ uri }: { uri: string }) => uri)).toEqual(expected);
  });

  test('describes a vector file: columns, rows, footer, first ids', async () => {
    const file = join(made.output, made.files.vectorFiles[0]!.key);
    const { json } = await vectormillJson('inspect', file, '--rows', '2');
    expect(json).toMatchObject({
      rows: 3,
      rowGroups: 1,
      footer: { 'vectormill.fingerprint': made.manifest.fingerprint },
      ids: { column: 'chunk_id', first: ['first#0', 'second#0'] },
    });
    expect(json.columns).toContainEqual({
      name: 'vector',
      type: `list<float>[${TINY.hidden}]`,
      nullable: false,
    });
    expect(json.columns).toContainEqual({ name: 'row_key', type: 'uint64', nullable: false });
    expect((await vectormill('inspect', file)).stdout).toMatch(/rows\s+3\n[\s\S]*first#0/);
  });

  test('a file that is not a Parquet file fails with its name', async () => {
    const file = join(folder.path, 'bad.parquet');
    await writeFile(file, 'PAR1 but not really');
    const { code, json } = await vectormillJson('inspect', file);
    expect(code).toBe(1);
    expect(json.error).toMatchObject({ code: 'FILE_DAMAGED', file: `file://${file}` });
    await rm(file);
  });

  test('a Parquet file that does not exist fails with its name', async () => {
    const { code, json } = await vectormillJson('inspect', join(folder.path, 'none.parquet'));
    expect(code).toBe(1);
    expect(json.error.code).toBe('OBJECT_NOT_FOUND');
  });
});

describe('verify', () => {
  test('a sound version exits with 0 and shows the probe', async () => {
    const { code, json } = await vectormillJson('verify', place);
    expect(code).toBe(0);
    expect(json).toMatchObject({ dataset: 'letters', version: 'v1', ok: true, chunks: 3, differences: [] });
    expect(json.probeCosine).toBeGreaterThan(0.9999);
    expect((await vectormill('verify', place, '--no-probe')).stdout).toMatch(
      /is as its manifest says.*probe left out/,
    );
  });

  test.each(['chunkFiles', 'vectorFiles'] as const)(
    'a flipped byte in one of the %s is named',
    async (kind) => {
      const file = join(made.output, made.files[kind][0]!.key);
      const sound = await readFile(file);
      const broken = Buffer.from(sound);
      broken[100]! ^= 1;
      await writeFile(file, broken);
      try {
        const { code, json } = await vectormillJson('verify', place, '--no-probe');
        expect(code).toBe(1);
        expect(json).toMatchObject({ ok: false, error: { code: 'VERIFY_FAILED' } });
        expect(json.differences[0]).toMatchObject({
          file: `file://${file}`,
          what: expect.stringContaining('sha256'),
        });
        const text = await vectormill('verify', place, '--no-probe');
        expect(text.stdout).toContain(`file://${file}: `);
        expect(text.stderr).toContain('failed (VERIFY_FAILED)');
      } finally {
        await writeFile(file, sound);
      }
    },
  );

  test('a model of another space is a difference, and the files are still checked', async () => {
    const other = join(folder.path, 'second-model');
    const weights = tinyWeights();
    weights.get('embeddings.LayerNorm.bias')!.data[0]! += 2;
    await writeTinyModel(other, { weights });
    const { code, json } = await vectormillJson('verify', place, '--model', other);
    expect(code).toBe(1);
    expect(json.chunks).toBe(3);
    expect(json.differences).toEqual([
      { file: expect.stringContaining('manifest.json'), what: expect.stringContaining('two vector spaces') },
    ]);
  });
});

describe('model show', () => {
  test('prints signature and fingerprint', async () => {
    const { code, json } = await vectormillJson('model', 'show', made.model);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      folder: made.model,
      fingerprint: made.manifest.fingerprint,
      signature: made.manifest.signature,
    });
    expect((await vectormill('model', 'show', made.model)).stdout).toContain(made.manifest.fingerprint);
  });

  test('another limit on tokens gives another fingerprint, and an impossible one is refused', async () => {
    const { json } = await vectormillJson('model', 'show', made.model, '--max-tokens', '8');
    expect(json.fingerprint).not.toBe(made.manifest.fingerprint);
    expect((await refused('model', 'show', made.model, '--max-tokens', '1000')).code).toBe('USAGE');
  });

  test('a name that leads out of its folder is not a model', async () => {
    expect((await refused('model', 'show', '../../no-such-folder')).code).toBe('MODEL_NOT_FOUND');
    expect((await refused('model', 'pull', '../../etc')).code).toBe('MODEL_NOT_FOUND');
  });
});

describe('model convert', () => {
  test('writes a graph, and replaces an existing one only when asked', async () => {
    const graph = join(folder.path, 'graph.onnx');
    const { code, json } = await vectormillJson('model', 'convert', made.model, '--output', graph);
    expect(code).toBe(0);
    expect(json).toMatchObject({ graph, bytes: (await readFile(graph)).length });
    expect((await refused('model', 'convert', made.model, '--output', graph)).code).toBe('OUTPUT_EXISTS');
    expect((await vectormill('model', 'convert', made.model, '--output', graph, '--overwrite')).code).toBe(0);
  });

  test('without --output writes the graph in the cache', async () => {
    const { json } = await vectormillJson('model', 'convert', made.model);
    expect(json.graph).toContain(join(folder.path, 'cache'));
  });
});
