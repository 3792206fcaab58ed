import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type JudgedRanking, meanMetrics } from '../../../core/metrics/retrieval-metrics.js';
import { PostingsBuilder } from '../../../core/search/postings.js';
import { TopK } from '../../../core/top-k.js';
import { openEvaluation } from '../../../engine/evaluation/open-evaluation.js';
import { inMemory, lexicalScores } from '../../../engine/search/lexical-scores.js';
import { lexicalTerms } from '../../../engine/search/lexical-terms.js';
import { openStore } from '../../../engine/store/open-store.js';

const SHARED = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/** nDCG@10 of BM25 on a task. */
async function qualityOf(path: string): Promise<number> {
  const evaluation = await openEvaluation({ path }, openStore);
  if (evaluation.kind !== 'beir' && evaluation.kind !== 'squad') throw new Error(`${path} is no retrieval`);
  const { task } = evaluation;
  const builder = new PostingsBuilder();
  for await (const { text } of task.documents()) builder.add(lexicalTerms(text));
  const postings = inMemory(builder.build());
  const judged: JudgedRanking[] = [];
  for (const { id, text } of task.queries) {
    const best = new TopK(10);
    for (const [row, score] of (await lexicalScores(text, postings)).entries()) best.offer(score, row);
    const ranking = best.sorted().map(({ row }) => task.documentIds[row]!);
    judged.push({ ranking, judgements: task.qrels.get(id)! });
  }
  return meanMetrics(judged, [10])['ndcg@10']!;
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
