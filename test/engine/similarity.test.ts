import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../core/manifest.js';
import { metricOf, SIMILARITIES, type Similarity } from '../../core/similarity.js';
import { evaluateRetrieval, evaluateSimilarity } from '../../engine/evaluation/evaluate.js';
import type { TaskCounts } from '../../engine/evaluation/retrieval-task.js';
import { planIndex } from '../../engine/index/build-index.js';
import { metricOfIndex, otherMetric } from '../../engine/index/index-metric.js';
import { openIndex } from '../../engine/index/open-index.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { openEmbedder } from '../../engine/model/find/find-model.js';
import { assertWeighable } from '../../engine/search/assert-weighable.js';
import { denseStage } from '../../engine/search/dense-stage.js';
import { openStore } from '../../engine/store/open-store.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { testJob, writeCorpus } from '../support/test-job.js';
import { runJob, testProcess } from '../support/test-tools.js';
import { build } from './index/build.js';
import { mineBelow, writePairs } from './mining/mining-support.js';
import { useTemporaryFolder } from './model/temporary-folder.js';
import { safetensorsBytes, writeTinyModel } from './model/tiny-model.js';

/** A word and its vector; no two similarities order the documents alike. */
const VECTORS = {
  '[UNK]': [0, 0],
  query: [1, 0.25],
  near: [0.9, 0.125],
  long: [3, 2.5],
  other: [-1, 0.25],
  flat: [1.75, 0.25],
  side: [0.5, 0.75],
} as const;
const DOCUMENTS = ['near', 'long', 'other', 'flat', 'side'];
const PAIRS = [
  ['query', 'near', 0.9],
  ['query', 'long', 0.6],
  ['query', 'other', 0],
  ['near', 'flat', 0.7],
  ['side', 'query', 0.4],
] as const;

/**
 * The results of sentence-transformers 6.2: `model.similarity`, and the results of its two
 * evaluators.
 */
const EXPECTED = {
  cosine: {
    ranked: { flat: 0.99469185, near: 0.99428397, long: 0.90055168, side: 0.73994011, other: -0.88235301 },
    ndcg: 1,
    pearson: 0.9046365933565763,
    spearman: 0.9,
  },
  dot: {
    ranked: { long: 3.625, flat: 1.8125, near: 0.93124998, side: 0.6875, other: -0.9375 },
    ndcg: 0.6309297535714575,
    pearson: 0.5911086789749969,
    spearman: 0.6,
  },
  euclidean: {
    ranked: { near: -0.16007812, side: -0.70710677, flat: -0.75, other: -2, long: -3.01039863 },
    ndcg: 0.5,
    pearson: 0.42652734792737074,
    spearman: 0.5,
  },
  manhattan: {
    ranked: { near: -0.22500002, flat: -0.75, side: -1, other: -2, long: -4.25 },
    ndcg: 0.6309297535714575,
    pearson: 0.26124458512616927,
    spearman: 0.7,
  },
} as const satisfies Record<Similarity, unknown>;

const root = useTemporaryFolder();
let folders = 0;

/** Returns a folder that lasts as long as the tests do. */
function newFolder(): string {
  folders += 1;
  return join(root.path, String(folders));
}

/**
 * Makes a folder as sentence-transformers saves static embeddings, with this name of a similarity.
 * With undefined, it has none.
 */
async function writeModel(folder: string, similarity: unknown, modules = ['StaticEmbedding']): Promise<void> {
  const words = Object.keys(VECTORS);
  const table = Buffer.from(Float32Array.from(Object.values(VECTORS).flat()).buffer);
  const tensor = { dtype: 'F32', shape: [words.length, 2], bytes: table };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      unk_token: '[UNK]',
    },
  };
  const types = modules.map((name, idx) => ({
    idx,
    name: String(idx),
    path: idx === 0 ? '' : `${idx}_${name}`,
    type: `sentence_transformers.models.${name}`,
  }));
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'model.safetensors'),
    safetensorsBytes(new Map([['embedding.weight', tensor]])),
  );
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'modules.json'), JSON.stringify(types));
  await writeSimilarity(folder, similarity);
}

async function writeSimilarity(folder: string, similarity: unknown): Promise<void> {
  const configuration = JSON.stringify({ prompts: {}, similarity_fn_name: similarity });
  await writeFile(join(folder, 'config_sentence_transformers.json'), configuration);
}

async function modelOf(similarity: unknown, modules?: string[]): Promise<Embedder> {
  const folder = newFolder();
  await writeModel(folder, similarity, modules);
  return openEmbedder({ source: folder });
}

interface Embedded {
  embedder: Embedder;
  folder: string;
  version: ReadableVersion;
}

/** The documents embedded by a model of each similarity, once. */
const embedded = new Map<Similarity, Embedded>();
beforeAll(async () => {
  for (const similarity of SIMILARITIES) {
    const embedder = await modelOf(similarity);
    const folder = newFolder();
    writeCorpus(folder, { 'a.jsonl': DOCUMENTS.map((word) => ({ _id: word, text: word })) });
    await runJob(testProcess({ embedder }), testJob(folder, {}, embedder.signature));
    embedded.set(similarity, { embedder, folder, version: await versionAt(folder) });
  }
});

const versionAt = (folder: string) =>
  resolveVersion(openStore(`file://${folder}/out`), { dataset: 'test', selector: 'current' });

const documentsOf = ({ manifest }: { manifest: Manifest }, rows: readonly { row: number }[]) => {
  expect(manifest.totals.chunks).toBe(DOCUMENTS.length);
  return rows.map(({ row }) => DOCUMENTS[row]);
};

describe('the similarity of a model', () => {
  test('is by its exact name, and anything else is none, as in sentence-transformers', async () => {
    const said: unknown[] = [...SIMILARITIES, undefined, null, 'DOT', 'maxsim', 7, ['dot']];
    const found = await Promise.all(said.map(async (name) => (await modelOf(name)).signature.similarity));
    expect(found).toEqual([undefined, 'dot', 'euclidean', 'manhattan', ...Array(6).fill(undefined)]);
  });

  test('changes no vector, and so no fingerprint', async () => {
    const plain = await modelOf(undefined);
    for (const { embedder } of embedded.values()) expect(embedder.fingerprint).toBe(plain.fingerprint);
  });

  test('is read of a transformer, too', async () => {
    const folder = newFolder();
    await writeTinyModel(folder);
    const plain = await openEmbedder({ source: folder, sessions: 1 });
    await writeSimilarity(folder, 'dot');
    const dot = await openEmbedder({ source: folder, sessions: 1 });
    expect([plain.signature.similarity, dot.signature.similarity]).toEqual([undefined, 'dot']);
    expect(dot.fingerprint).toBe(plain.fingerprint);
    await plain.close();
    await dot.close();
  });

  test('is the cosine for products of vectors of length 1', async () => {
    const { signature } = await modelOf('dot', ['StaticEmbedding', 'Normalize']);
    expect([signature.similarity, signature.normalize]).toEqual(['dot', true]);
    expect(metricOf(signature)).toBe('cosine');
    expect(SIMILARITIES.map((similarity) => metricOf({ similarity, normalize: false }))).toEqual([
      'cosine',
      'dot',
      'l2',
      'l1',
    ]);
    expect(metricOf({ normalize: false })).toBe('cosine');
  });
});

describe.each(SIMILARITIES)('by %s', (similarity) => {
  const { ranked, ndcg, pearson, spearman } = EXPECTED[similarity];

  test('a search scores as sentence-transformers does', async () => {
    const { version, embedder } = embedded.get(similarity)!;
    const { nearest } = await denseStage(version, embedder)('query', { k: 5, also: new Set([0]) });
    expect(documentsOf(version, nearest)).toEqual(Object.keys(ranked));
    for (const [place, score] of Object.values(ranked).entries())
      expect(nearest[place]!.score).toBeCloseTo(score, 6);
  });

  test('an evaluation gives what sentence-transformers gives', async () => {
    const { embedder } = embedded.get(similarity)!;
    const texts = DOCUMENTS.map((text) => ({ id: text, text }));
    const task = {
      documents: async function* () {
        yield* texts;
      },
      documentIds: DOCUMENTS,
      queries: [{ id: 'q', text: 'query' }],
      qrels: new Map([['q', new Map([['flat', 1]])]]),
      counts: {} as TaskCounts,
    };
    const options = { ks: [10], ignoreIdenticalIds: false };
    const found = await evaluateRetrieval(task, { mode: 'dense', embedder }, options);
    expect(found.metrics['ndcg@10']).toBeCloseTo(ndcg, 12);
    const pairs = PAIRS.map(([first, second, score]) => ({ first, second, score }));
    const { metrics } = await evaluateSimilarity(pairs, embedder, {});
    expect(metrics.pearson).toBeCloseTo(pearson, 6);
    expect(metrics.spearman).toBeCloseTo(spearman, 12);
  });

  test('mining chooses negatives and margins', async () => {
    const { embedder, folder } = embedded.get(similarity)!;
    const pairs = writePairs(folder, [{ query: 'query', positive: 'flat' }]);
    const job = { name: 'all', pairs, mining: { num_negatives: 4 }, scores: true };
    const all = await mineBelow(folder, job, { embedder });
    const others = Object.entries(ranked).filter(([word]) => word !== 'flat');
    const rows = all.rows('jsonl') as { negative: string; scores: number[] }[];
    expect(rows.map(({ negative }) => negative)).toEqual(others.map(([word]) => word));
    for (const [index, { scores }] of rows.entries()) {
      expect(scores[0]).toBeCloseTo(ranked.flat, 6);
      expect(scores[1]).toBeCloseTo(others[index]![1], 6);
    }
    expect(all.report.metric).toBe(metricOf(embedder.signature));
    const limited = { ...job, name: 'margin', mining: { num_negatives: 1, relative_margin: 0.05 } };
    const margin = await mineBelow(folder, limited, { embedder });
    const limit = ranked.flat - Math.abs(ranked.flat) * 0.05;
    const [first] = others.filter(([, score]) => score <= limit);
    expect(margin.rows('jsonl').map(({ negative }) => negative)).toEqual([first![0]]);
  });
});

describe('an index', () => {
  const request = { recallTarget: 0.9, exactBelow: 0, precision: 'float32' } as const;

  test('compares by what the model says, where nobody says otherwise', () => {
    const metricFor = (similarity: Similarity) =>
      metricOfIndex(embedded.get(similarity)!.embedder.signature, undefined);
    expect([metricFor('cosine'), metricFor('dot'), metricFor('euclidean')]).toEqual(['cosine', 'dot', 'l2']);
    expect(() => metricFor('manhattan')).toThrowError(/manhattan \(its similarity_fn_name\)/);
    expect(metricOfIndex(embedded.get('manhattan')!.embedder.signature, 'l2')).toBe('l2');
  });

  test('finds by the product what comparing all finds, and serves mining', async () => {
    const { version, embedder, folder } = embedded.get('dot')!;
    await build(version, 'main', { ...request, metric: 'dot' });
    const index = await openIndex(version, 'main');
    const { nearest } = await denseStage(version, embedder, index)('query', { k: 5 });
    expect(documentsOf(version, nearest)).toEqual(Object.keys(EXPECTED.dot.ranked));
    await index.close();
    const pairs = writePairs(folder, [{ query: 'query', positive: 'flat' }]);
    const job = { name: 'indexed', pairs, mining: { num_negatives: 1 }, candidates: { index: 'main' } };
    const { rows } = await mineBelow(folder, job, { embedder });
    expect(rows('jsonl').map(({ negative }) => negative)).toEqual(['long']);
  });

  test('of another metric says so, and mining refuses it', async () => {
    const { version, embedder, folder } = embedded.get('euclidean')!;
    const other = { ...request, metric: 'cosine', exactBelow: 10 } as const;
    const plan = await planIndex(version, 'other', other);
    const said = expect.stringMatching(/by cosine, and .* by euclidean \(its similarity_fn_name\)/);
    expect(plan.chosen.reasons).toContainEqual(said);
    expect(otherMetric(embedder.signature, 'cosine')).toEqual(said);
    expect(otherMetric(embedder.signature, 'l2')).toBeUndefined();
    expect(otherMetric(embedded.get('cosine')!.embedder.signature, 'l2')).toBeUndefined();
    await build(version, 'other', other);
    const pairs = writePairs(folder, [{ query: 'query', positive: 'flat' }]);
    const job = { name: 'refused', pairs, candidates: { index: 'other' } };
    await expect(mineBelow(folder, job, { embedder })).rejects.toMatchObject({
      code: 'JOB_INVALID',
      message: expect.stringContaining("model's own similarity (l2)"),
    });
  });
});

test('weights of hybrid search are of cosines alone', () => {
  const alpha = { mode: 'hybrid', fusion: { kind: 'alpha', alpha: 0.7 } } as const;
  assertWeighable(alpha, embedded.get('cosine')!.embedder);
  for (const similarity of ['dot', 'euclidean', 'manhattan'] as const) {
    const { embedder } = embedded.get(similarity)!;
    expect(() => assertWeighable(alpha, embedder)).toThrowError(`compares by ${similarity} (its similarity_`);
    assertWeighable({ ...alpha, fusion: { kind: 'rrf' } }, embedder);
    assertWeighable({ ...alpha, mode: 'dense' }, embedder);
  }
});

test('a version without a similarity was made by a release that compared by the cosine', async () => {
  const { version, embedder } = embedded.get('dot')!;
  const { similarity, ...signature } = version.manifest.signature;
  expect(similarity).toBe('dot');
  const old = { ...version, manifest: { ...version.manifest, signature } };
  const { nearest } = await denseStage(old, embedder)('query', { k: 5 });
  expect(documentsOf(version, nearest)).toEqual(Object.keys(EXPECTED.cosine.ranked));
});
