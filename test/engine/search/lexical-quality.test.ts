import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { evaluateRetrieval } from '../../../engine/evaluation/evaluate.js';
import { openEvaluation } from '../../../engine/evaluation/open-evaluation.js';
import { openStore } from '../../../engine/store/open-store.js';

const SHARED = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/** Returns the nDCG@10 of BM25 on a task. */
async function qualityOf(path: string): Promise<number> {
  const evaluation = await openEvaluation({ path }, openStore);
  if (evaluation.kind !== 'beir' && evaluation.kind !== 'squad') throw new Error(`${path} is no retrieval`);
  const options = { ks: [10], ignoreIdenticalIds: false };
  const { metrics } = await evaluateRetrieval(evaluation.task, { mode: 'bm25' }, options);
  return metrics['ndcg@10']!;
}

describe('BM25 reaches an nDCG@10', () => {
  for (const [name, path, bar] of [
    ['SciFact', 'scifact', 0.66],
    ['XQuAD in English', 'xquad/xquad.en.json', 0.95],
    ['XQuAD in Chinese, which has no spaces', 'xquad/xquad.zh.json', 0.95],
  ] as const)
    test.skipIf(!existsSync(SHARED + path))(`of ${bar} on ${name}`, async () => {
      const score = await qualityOf(SHARED + path);
      console.info(`${name}: ${score.toFixed(5)}`);
      expect(score).toBeGreaterThanOrEqual(bar);
    });
});
