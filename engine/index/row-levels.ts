import { seededRandom } from '../../core/seeded-random.js';
import { MAX_LEVELS } from './build-layout.js';

const SEED = 1;

/**
 * The topmost layer of each of so many rows, the same each time: with M links a row, one row in M is on the first layer above the
 * lowest, one in M² on the second (section 4.1 of https://arxiv.org/abs/1603.09320).
 */
export function drawLevels(rows: number, connectivity: number): Uint8Array {
  const random = seededRandom(SEED, connectivity);
  const scale = 1 / Math.log(connectivity);
  return Uint8Array.from({ length: rows }, () =>
    Math.min(MAX_LEVELS, Math.floor(-Math.log(1 - random()) * scale)),
  );
}
