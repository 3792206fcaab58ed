import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { evaluate, type ModelEvaluation } from '../../../engine/evaluation/evaluate.js';
import { openEvaluation } from '../../../engine/evaluation/open-evaluation.js';
import { openEmbedder } from '../../../engine/model/find/find-model.js';
import { openStore } from '../../../engine/store/open-store.js';
import { hasMinilm, hasReference, MINILM } from '../model/reference.js';

const shared = (path: string) => fileURLToPath(new URL(`../../../../shared/${path}`, import.meta.url));

/**
 * The names in sentence-transformers and here. With one relevant document each, its accuracy is
 * recall.
 */
const NAMES: readonly (readonly [theirs: string, ours: string])[] = [
  ['cosine_ndcg@10', 'ndcg@10'],
  ['cosine_mrr@10', 'mrr@10'],
  ['cosine_map@100', 'map@100'],
  ...[1, 3, 5, 10].flatMap((k) => [
    [`cosine_accuracy@${k}`, `recall@${k}`] as const,
    [`cosine_recall@${k}`, `recall@${k}`] as const,
  ]),
];

describe.skipIf(!hasMinilm || !hasReference)('the metrics that sentence-transformers computed', () => {
  test('agree for questions and paragraphs', { timeout: 300_000 }, async () => {
    const path = shared('data/xquad/xquad.en.json');
    const evaluation = (await openEvaluation({ path, everyQuestion: true }, openStore)) as ModelEvaluation;
    const embedder = await openEmbedder({ source: MINILM });
    const { metrics } = await evaluate(evaluation, embedder, {
      ks: [1, 3, 5, 10, 100],
      ignoreIdenticalIds: false,
    }).finally(() => embedder.close());
    const mining = await readFile(shared('reference/minilm-l6-v2-xquad-en/mining.json'), 'utf8');
    const expected = (JSON.parse(mining) as { retrieval_metrics: Record<string, number> }).retrieval_metrics;
    for (const [theirs, ours] of NAMES) expect(metrics[ours], ours).toBeCloseTo(expected[theirs]!, 6);
  });
});
