import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitDocuments } from '../../../core/mining/split-documents.js';

describe('the split of documents', () => {
  it('keeps the positives of a query together, and those of queries that share one', () => {
    const id = fc.integer({ min: 0, max: 60 }).map(String);
    fc.assert(
      fc.property(
        fc.array(fc.array(id, { minLength: 1, maxLength: 3 }), { maxLength: 40 }),
        fc.nat(),
        (queries, seed) => {
          const splitOf = splitDocuments(queries, { devShare: 0.5, seed });
          for (const positives of queries) expect(new Set(positives.map(splitOf)).size).toBe(1);
        },
      ),
    );
  });

  it('gives dev about its share of documents that share no query, and different ones for another seed', () => {
    const ids = Array.from({ length: 5000 }, (_, index) => `document-${index}`);
    const dev = (seed: number) =>
      ids.filter((id) => splitDocuments([], { devShare: 0.2, seed })(id) === 'dev');
    expect(dev(1).length).toBeGreaterThan(900);
    expect(dev(1).length).toBeLessThan(1100);
    expect(dev(1)).not.toEqual(dev(2));
  });

  it('without a share leaves everything to train', () => {
    expect(splitDocuments([['a', 'b']], { devShare: 0, seed: 1 })('a')).toBe('train');
  });
});
