import { MINING_EDITION } from '../../core/editions.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { miningError } from './mining-errors.js';
import type { Mining } from './open-mining.js';

/**
 * Refuses to continue a job that another release began, if the two would choose other negatives,
 * because one set of triplets would then hold both. Errors: EDITION_MISMATCH.
 */
export function assertOwnEdition({ store, layout, spec }: Mining, { edition = 1 }: MiningRecord): void {
  if (edition === MINING_EDITION) return;
  throw miningError(
    'EDITION_MISMATCH',
    `the triplets ${spec.name} of ${spec.dataset}@${spec.version} were begun by another release of vectormill: mining edition ${edition} instead of ${MINING_EDITION}`,
    'Give this job a `name` of its own, or finish this one with the release that began it. Finished triplets stay readable.',
    `${store.root}/${layout.job}`,
  );
}
