import fc from 'fast-check';
import { beforeEach, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { corpusHistories } from './corpus-history.js';
import { everyNightIsWhole, HISTORIES_TIMEOUT, tries } from './every-night.js';

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

it(
  'after twenty nights, a version holds what one without a parent would hold',
  async () => {
    const histories = corpusHistories({ min: 20, max: 20 });
    await fc.assert(
      fc.asyncProperty(histories, (history) => everyNightIsWhole(history)),
      tries(0.025),
    );
  },
  HISTORIES_TIMEOUT,
);
