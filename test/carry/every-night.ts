import { encodingOf } from '../../core/manifest.js';
import { needsRanges } from '../../core/vector-precision.js';
import { eagerPlan } from '../support/eager-plan.js';
import { contentDifferences, contentFaults } from './compare-contents.js';
import { computedAgain } from './computed-again.js';
import { type CorpusHistory, statesOf } from './corpus-history.js';
import {
  CorpusNights,
  type NightsPlace,
  type NightTroubles,
  type NightVersions,
  placeInMemory,
} from './corpus-nights.js';
import { textOf } from './corpus-state.js';
import { contentOf, ownRowsOf, type VersionContent } from './version-content.js';

/** More chunks than there are, and so few that ties at the end are decided. */
export const CONTENT_QUERIES = [
  { query: textOf(1), top: 1000 },
  { query: 'stone of a mill', top: 3 },
];

/** The number of short histories that are tried; `make torture` tries more. */
const SHORT_HISTORIES = Number(process.env.VECTORMILL_TEST_HISTORIES ?? 200);

/** The same histories every time, unless another seed is given, as `make torture` does. */
const HISTORY_SEED = Number(process.env.VECTORMILL_TEST_SEED ?? 15);

/**
 * Returns how often a property over histories is tried: `share` times for each short history. A
 * failing history is made as small as it can be, and shown with its seed.
 */
export function tries(share: number): { numRuns: number; seed: number } {
  return { numRuns: Math.ceil(SHORT_HISTORIES * share), seed: HISTORY_SEED };
}

/** The time for a failing history to become small, and for `make torture`, in milliseconds. */
export const HISTORIES_TIMEOUT = 3_600_000;

const DIFFERENCES_SHOWN = 10;
const CHARACTERS_SHOWN = 400;

/** The options with which the nights of a history may be run. */
export interface NightOptions {
  place?: NightsPlace;
  /** The troubles of each night, by its number from 0. */
  troubles?: readonly NightTroubles[];
  /** Is called after each night. */
  onNight?: (versions: NightVersions) => void | Promise<void>;
  /** Compares two contents; by default they must be equal. */
  compare?: typeof contentDifferences;
}

let histories = 0;

/**
 * Returns a place whose name no other history has, so that its index of words has its own folder.
 * Parts are joined there although they are few.
 */
export function placeOfHistory(): NightsPlace {
  histories += 1;
  return { ...placeInMemory(`/in-memory/${histories}`), planCompaction: eagerPlan };
}

/**
 * Runs the nights of a history, and throws where one of them makes a version with another content
 * than a version without a parent has. On the first night there is no parent yet.
 */
export async function everyNightIsWhole(
  history: CorpusHistory,
  { place = placeOfHistory(), troubles = [], onNight, compare = contentDifferences }: NightOptions = {},
): Promise<void> {
  const nights = new CorpusNights(history.settings, place);
  let before: VersionContent = new Map();
  for (const [night, state] of statesOf(history).entries()) {
    const versions = await nights.next(state, {
      settings: history.nights[night - 1]?.settings ?? {},
      ...troubles[night],
    });
    await onNight?.(versions);
    const { continued, whole, embeddedTexts } = versions;
    const found = await contentOf(continued, CONTENT_QUERIES, place.model?.embedder);
    const own = await ownRowsOf(continued);
    const again = computedAgain({ continued, embeddedTexts }, own, { before, after: found });
    before = found;
    // On the first night both are the same.
    if (night === 0) continue;
    const expected = await contentOf(whole, CONTENT_QUERIES, place.model?.embedder);
    const differences = [
      ...contentFaults(found),
      // Ranges that the rows of another version reach look wrong to verify.
      ...(needsRanges(encodingOf(whole.manifest).precision) ? [] : contentFaults(expected)),
      ...compare(found, expected),
      ...again,
    ];
    if (differences.length === 0) continue;
    const shown = differences.slice(0, DIFFERENCES_SHOWN).map((line) => line.slice(0, CHARACTERS_SHOWN));
    const sentence = `night ${night + 1} differs in ${differences.length} subjects`;
    throw new Error([sentence, ...shown].join('\n'));
  }
}
