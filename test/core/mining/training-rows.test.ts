import { describe, expect, it } from 'vitest';
import {
  type MinedPassage,
  type MinedQuery,
  type TrainingFormat,
  trainingRecord,
  trainingRows,
} from '../../../core/mining/training-rows.js';

const passage = (text: string, score: number): MinedPassage => ({
  text,
  score,
  documentId: text,
  chunkId: `${text}#0`,
  rowKey: '0',
  vectorFile: 'vectors.parquet',
});
const QUERY: MinedQuery = {
  id: 'q',
  text: 'Q',
  positives: [passage('P1', 0.9), passage('P2', 0.8)],
  negatives: [passage('N1', 0.5), passage('N2', 0.25)],
};
const records = (query: MinedQuery, format: TrainingFormat, scores: boolean, wanted = 2) =>
  trainingRows(query, format, wanted).map((row) => trainingRecord(row, format, scores));

describe('training rows', () => {
  it('as triplets pair each positive with each negative', () => {
    expect(records(QUERY, 'triplet', false)).toEqual([
      { anchor: 'Q', positive: 'P1', negative: 'N1' },
      { anchor: 'Q', positive: 'P1', negative: 'N2' },
      { anchor: 'Q', positive: 'P2', negative: 'N1' },
      { anchor: 'Q', positive: 'P2', negative: 'N2' },
    ]);
    expect(records(QUERY, 'triplet', true)[1]!.scores).toEqual([0.9, 0.25]);
  });

  it('as n-tuples exist only for queries that have all their negatives', () => {
    expect(records(QUERY, 'n-tuple', true)[0]).toEqual({
      anchor: 'Q',
      positive: 'P1',
      negative_1: 'N1',
      negative_2: 'N2',
      scores: [0.9, 0.5, 0.25],
    });
    expect(records(QUERY, 'n-tuple', false, 3)).toEqual([]);
  });

  it('as labelled pairs and lists hold labels, or scores instead', () => {
    expect(records(QUERY, 'labeled-pair', false)).toEqual([
      { anchor: 'Q', document: 'P1', label: 1 },
      { anchor: 'Q', document: 'P2', label: 1 },
      { anchor: 'Q', document: 'N1', label: 0 },
      { anchor: 'Q', document: 'N2', label: 0 },
    ]);
    expect(records(QUERY, 'labeled-pair', true)[3]).toEqual({ anchor: 'Q', document: 'N2', score: 0.25 });
    expect(records(QUERY, 'labeled-list', false, 5)).toEqual([
      { anchor: 'Q', documents: ['P1', 'N1', 'N2'], labels: [1, 0, 0] },
      { anchor: 'Q', documents: ['P2', 'N1', 'N2'], labels: [1, 0, 0] },
    ]);
    expect(records(QUERY, 'labeled-list', true)[0]).toEqual({
      anchor: 'Q',
      documents: ['P1', 'N1', 'N2'],
      scores: [0.9, 0.5, 0.25],
    });
  });

  it('of a query without negatives are only its labelled positives', () => {
    const bare = { ...QUERY, negatives: [] };
    expect(records(bare, 'triplet', false)).toEqual([]);
    expect(records(bare, 'labeled-list', false)).toEqual([]);
    expect(records(bare, 'labeled-pair', false)).toHaveLength(2);
  });
});
