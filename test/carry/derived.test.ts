import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { openStore } from '../../engine/store/open-store.js';
import { eagerPlan } from '../support/eager-plan.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { corpusHistories } from './corpus-history.js';
import { indexFaults, tripletsOf } from './derived-content.js';
import { everyNightIsWhole, HISTORIES_TIMEOUT, tries } from './every-night.js';

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

it(
  'the index of a version with a parent finds what a comparison with all rows finds, and the same triplets are mined',
  async () => {
    const outcomes = new Map<string, number>();
    const property = fc.asyncProperty(corpusHistories({ min: 2, max: 6 }, ['float32', 'int8']), (history) => {
      const place = { folder: temporaryFolder(), openStore, planCompaction: eagerPlan };
      return everyNightIsWhole(history, {
        place,
        onNight: async ({ continued, whole }) => {
          if (continued.manifest.totals.chunks > 0) expect(await indexFaults(continued)).toEqual([]);
          const [found, expected] = [
            await tripletsOf(continued, place.openStore),
            await tripletsOf(whole, place.openStore),
          ];
          const outcome = expected.startsWith('{') ? 'mined' : expected;
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          expect(found).toBe(expected);
        },
      });
    });
    await fc.assert(property, tries(0.02));
    // Corpora from which nothing can be mined would show little.
    expect(outcomes.get('mined')).toBeGreaterThan(outcomes.size - 1);
  },
  HISTORIES_TIMEOUT,
);
