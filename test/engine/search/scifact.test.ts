import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { meanMetrics } from '../../../core/metrics/retrieval-metrics.js';
import { bm25Scores } from '../../../core/search/bm25.js';
import { PostingsBuilder, postingsByTerm } from '../../../core/search/postings.js';
import { TopK } from '../../../core/top-k.js';
import { openEvaluation } from '../../../engine/evaluation/open-evaluation.js';
import { lexicalTerms } from '../../../engine/search/lexical-terms.js';
import { openStore } from '../../../engine/store/open-store.js';

const SCIFACT = fileURLToPath(new URL('../../../../shared/data/scifact', import.meta.url));

test.skipIf(!existsSync(SCIFACT))('BM25 reaches nDCG@10 of 0.66 on the test queries of SciFact', async () => {
  const evaluation = await openEvaluation({ path: SCIFACT, kind: 'beir' }, openStore);
  if (evaluation.kind !== 'beir') throw new Error('no BEIR folder');
  const { task } = evaluation;
  const builder = new PostingsBuilder();
  for await (const { text } of task.documents()) builder.add(lexicalTerms(text));
  const postings = builder.build();
  const find = postingsByTerm(postings);
  const judged = task.queries.map(({ id, text }) => {
    const terms = [...new Set(lexicalTerms(text))].map(find).filter((found) => found !== undefined);
    const best = new TopK(10);
    for (const [row, score] of bm25Scores(terms, postings.lengths).entries()) best.offer(score, row);
    const ranking = best.sorted().map(({ row }) => task.documentIds[row]!);
    return { ranking, judgements: task.qrels.get(id)! };
  });
  const score = meanMetrics(judged, [10])['ndcg@10']!;
  console.info(`SciFact, BM25: nDCG@10 ${score.toFixed(5)}`);
  expect(score).toBeGreaterThanOrEqual(0.66);
});
