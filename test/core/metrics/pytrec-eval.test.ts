import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pearson, spearman } from '../../../core/metrics/correlations.js';
import { rankDocuments } from '../../../core/metrics/ranking-order.js';
import { metricsOf } from '../../../core/metrics/retrieval-metrics.js';

interface Fixture {
  cuts: number[];
  qrels: Record<string, Record<string, number>>;
  run: Record<string, Record<string, number>>;
  expected: Record<string, Record<string, number>>;
  correlations: { left: number[]; right: number[]; pearson: number; spearman: number }[];
}

const FIXTURE = JSON.parse(
  readFileSync(new URL('../../fixtures/evaluation/expected.json', import.meta.url), 'utf8'),
) as Fixture;

describe('against what pytrec_eval computed', () => {
  test.each(Object.entries(FIXTURE.expected))('every metric of %s agrees', (query, expected) => {
    const scored = Object.entries(FIXTURE.run[query]!).map(([id, score]) => ({ id, score }));
    const ranking = rankDocuments(scored);
    const judgements = new Map(Object.entries(FIXTURE.qrels[query]!));
    const actual = metricsOf({ ranking, judgements }, FIXTURE.cuts);
    const { recip_rank: reciprocalRank, ...atCuts } = expected;
    for (const [name, value] of Object.entries(atCuts)) expect(actual[name], name).toBeCloseTo(value, 12);
    for (const k of FIXTURE.cuts)
      expect(actual[`mrr@${k}`]).toBeCloseTo(reciprocalRank! >= 1 / k ? reciprocalRank! : 0, 12);
  });

  test('the fixture contains decisive ties, grades and queries without a relevant document', () => {
    const documents = Object.entries(FIXTURE.run.q0!).map(([id, score]) => ({ id, score }));
    const scores = documents.map(({ score }) => Math.fround(score));
    expect(new Set(scores).size).toBeLessThan(scores.length);
    expect(Object.values(FIXTURE.qrels).flatMap((grades) => Object.values(grades))).toContain(3);
    expect(FIXTURE.expected['no positive']!['ndcg@10']).toBe(0);
  });
});

describe('against what SciPy computed', () => {
  test.each(FIXTURE.correlations)('both correlations agree', ({ left, right, ...expected }) => {
    expect(pearson(left, right)).toBeCloseTo(expected.pearson, 12);
    expect(spearman(left, right)).toBeCloseTo(expected.spearman, 12);
  });
});
