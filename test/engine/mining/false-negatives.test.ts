import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CrossEncoder } from '../../../engine/model/cross-encoder.js';
import { documents } from '../../support/test-job.js';
import { mineBelow, pairsOf, readTable, versionOf, writePairs } from './mining-support.js';

const CROSS_ENCODER = fileURLToPath(new URL('../../fixtures/cross-encoders/saved', import.meta.url));

describe('negatives', () => {
  it("never have another chunk of a positive's document, nor a copy of a positive, as a negative", async () => {
    const words = (from: number) => Array.from({ length: 40 }, (_, index) => `word${from + index}`).join(' ');
    const positive = `${words(0)}. ${words(40)}. ${words(80)}.`;
    const lines = [
      { _id: 'positive', text: positive },
      { _id: 'near', text: positive.replace('word7 ', 'other ') },
      ...Array.from({ length: 6 }, (_, index) => ({
        _id: `other-${index}`,
        text: words(1000 * (index + 1)),
      })),
    ];
    const folder = await versionOf(lines, { chunking: { strategy: 'sentence', max_tokens: 32 } });
    const chunks = await mineBelow(folder, {
      pairs: writePairs(folder, [{ query: 'q', positive: 'positive' }]),
      mining: { num_negatives: 4, range_max: 8 },
    });
    const lineage = readTable(join(chunks.folder, 'lineage'));
    const negatives = lineage.map(({ doc_ids }) => (doc_ids as string[])[1]!);
    expect(negatives.length).toBeGreaterThan(0);
    expect(negatives.every((id) => id.startsWith('other-'))).toBe(true);
    expect(chunks.report.totals.rejected.positiveDocument).toBeGreaterThan(0);
    expect(chunks.report.falseNegativeRejects.nearDuplicate).toBeGreaterThan(0);
  });

  it('never are a document with the same text as a positive, wherever the two lie in the corpus', async () => {
    const [first, ...others] = documents(20);
    const copy = { _id: 'copy', text: (first as { text: string }).text };
    for (const lines of [
      [copy, first!, ...others],
      [first!, ...others, copy],
    ]) {
      const folder = await versionOf(lines);
      const { rows, report } = await mineBelow(folder, {
        pairs: writePairs(folder, [{ query: copy.text, positive: 'doc-0' }]),
        mining: { near_duplicate: 'off' },
      });
      expect(rows('jsonl').some(({ negative }) => negative === copy.text)).toBe(false);
      expect(report.totals.negatives).toBe(3);
    }
  });

  it('leave out what the cross-encoder takes for an answer, and what it did not score', async () => {
    const folder = await versionOf(documents(40));
    const asked: string[] = [];
    const encoder = {
      score: async (pairs) =>
        Float32Array.from(pairs, ([, text]) => {
          asked.push(text);
          return /^doc \d*[02468] /.test(text) ? 0.9 : 0.1;
        }),
    } as Pick<CrossEncoder, 'score'> as CrossEncoder;
    const {
      rows,
      report,
      folder: place,
    } = await mineBelow(
      folder,
      {
        pairs: writePairs(folder, pairsOf(4)),
        cross_encoder: { model: CROSS_ENCODER, top: 12, max_cross_score: 0.5 },
        mining: { near_duplicate: 'off' },
      },
      { withCrossEncoder: (_, use) => use(encoder) },
    );
    expect(rows('jsonl').length).toBeGreaterThan(0);
    for (const { negative } of rows('jsonl')) expect(negative).toMatch(/^doc \d*[13579] /);
    expect(report.falseNegativeRejects.crossScore).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(4 * 12);
    const { cross_scores } = readTable(join(place, 'lineage'))[0]!;
    expect((cross_scores as number[])[1]).toBeCloseTo(0.1, 6);
  });
});
