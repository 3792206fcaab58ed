import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { cosine } from '../../core/metrics/cosine.js';
import { findModel } from '../../engine/model/find/find-model.js';
import { hasMinilm, MINILM } from '../engine/model/reference.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { contentDifferences } from './compare-contents.js';
import { corpusHistories } from './corpus-history.js';
import type { NightsModel } from './corpus-nights.js';
import { everyNightIsWhole, HISTORIES_TIMEOUT, placeOfHistory } from './every-night.js';
import type { VersionContent } from './version-content.js';

const HISTORIES = 3;
const LEAST_COSINE = 0.99999;
/** Scores are compared with as much of a difference as that cosine allows. */
const SCORE_DIFFERENCE = 0.001;

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

describe.skipIf(!hasMinilm).each(['int8', 'float32'] as const)(
  'a version with a parent, of all-MiniLM-L6-v2 in %s (needs the pulled model)',
  (precision) => {
    let model: NightsModel;

    beforeAll(async () => {
      const found = await findModel({ source: MINILM, precision });
      model = { embedder: await found.open({ sessions: 1 }), tokenizer: await found.tokenizer() };
    });
    afterAll(() => model?.embedder.close());

    it(
      'holds what one without a parent would hold',
      async () => {
        const compare = precision === 'int8' ? contentDifferences : nearDifferences;
        const property = fc.asyncProperty(corpusHistories({ min: 3, max: 4 }), (history) =>
          everyNightIsWhole(history, { place: { ...placeOfHistory(), model }, compare }),
        );
        await fc.assert(property, { numRuns: HISTORIES, seed: 15 });
      },
      HISTORIES_TIMEOUT,
    );
  },
);

/**
 * Compares two contents whose vectors may differ in their last bits, because in float32 a vector
 * depends on the rows beside it.
 */
function nearDifferences(found: VersionContent, expected: VersionContent): string[] {
  return contentDifferences(found, nearest(expected, found));
}

/** Returns what is expected, with the facts that were found in the place of those that are near. */
function nearest(expected: VersionContent, found: VersionContent): VersionContent {
  return new Map(
    [...expected].map(([subject, facts]) => {
      const own = found.get(subject) ?? [];
      const isNear = subject.startsWith('vector of ')
        ? areNearVectors
        : subject.startsWith('dense search ')
          ? areNearHits
          : undefined;
      return [subject, isNear?.(own, facts) ? own : facts];
    }),
  );
}

function areNearVectors(own: readonly string[], other: readonly string[]): boolean {
  if (own.length !== 1 || other.length !== 1) return false;
  const [a, b] = [own[0]!, other[0]!].map((fact) => {
    const { bits, ...others } = JSON.parse(fact) as { bits: string };
    return {
      others: JSON.stringify(others),
      vector: new Float32Array(new Uint8Array(Buffer.from(bits, 'hex')).buffer),
    };
  });
  return a!.others === b!.others && cosine(a!.vector, b!.vector) >= LEAST_COSINE;
}

/** Rows of almost equal scores may stand in another order. */
function areNearHits(own: readonly string[], other: readonly string[]): boolean {
  const scoresOf = (hits: readonly string[]) =>
    hits.map((hit) => Number(hit.slice(hit.lastIndexOf(' ') + 1)));
  const [scores, others] = [scoresOf(own), scoresOf(other)];
  return (
    scores.length === others.length &&
    scores.every((score, rank) => Math.abs(score - others[rank]!) <= SCORE_DIFFERENCE)
  );
}
