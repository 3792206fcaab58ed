import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../engine/store/open-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { corpusHistories, statesOf } from './corpus-history.js';
import { everyNightIsWhole, HISTORIES_TIMEOUT, tries } from './every-night.js';

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

const SHORT = { min: 2, max: 6 };

describe('a version with a parent holds what one without a parent would hold', {
  timeout: HISTORIES_TIMEOUT,
}, () => {
  it('after any night of a short history', async () => {
    const codes = new Set<string>();
    let moved = 0;
    const property = fc.asyncProperty(corpusHistories(SHORT), (history) =>
      everyNightIsWhole(history, {
        onNight: ({ continued, whole }) => {
          moved += continued.manifest.compacted?.rows ?? 0;
          for (const code of Object.keys(whole.manifest.rejects)) codes.add(code);
        },
      }),
    );
    await fc.assert(property, tries(1));
    expect(moved).toBeGreaterThan(0);
    // Corpora without records of several faults would show little.
    expect([...codes].sort()).toEqual(
      expect.arrayContaining(['DUPLICATE_ID', 'EMPTY_TEXT', 'INVALID_UTF8', 'MISSING_ID', 'MISSING_TEXT']),
    );
  });

  it('if its numbers are stored within the ranges of its parent, or as fewer bits', async () => {
    const histories = corpusHistories(SHORT, ['int8', 'uint8', 'float16', 'binary']);
    await fc.assert(
      fc.asyncProperty(histories, (history) => everyNightIsWhole(history)),
      tries(0.1),
    );
  });

  it('if each night is interrupted at any operation on the store, and goes on', async () => {
    const crashes = fc.array(fc.nat(250), { maxLength: 2, size: 'max' });
    const troubles = fc.array(fc.record({ crashes }), { minLength: 6, maxLength: 6, size: 'max' });
    const histories = corpusHistories(SHORT, ['float32', 'int8']);
    const property = fc.asyncProperty(histories, troubles, (history, some) =>
      everyNightIsWhole(history, { troubles: some }),
    );
    await fc.assert(property, tries(0.1));
  });

  it('if two processes make it at the same time', async () => {
    const limits = { reject_share: 1, concurrency: 3, delete_share: 1 };
    const property = fc.asyncProperty(corpusHistories(SHORT, ['float32', 'int8']), (history) =>
      everyNightIsWhole(
        { ...history, settings: { ...history.settings, limits } },
        { troubles: statesOf(history).map(() => ({ processes: 2 })) },
      ),
    );
    await fc.assert(property, tries(0.05));
  });

  it('if it lies in a folder', async () => {
    const property = fc.asyncProperty(corpusHistories(SHORT), (history) =>
      everyNightIsWhole(history, { place: { folder: temporaryFolder(), openStore } }),
    );
    await fc.assert(property, tries(0.02));
  });
});
