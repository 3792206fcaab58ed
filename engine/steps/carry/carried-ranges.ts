import { encodingOf } from '../../../core/manifest.js';
import type { ValueRanges } from '../../../core/value-ranges.js';
import type { OpenVersion } from '../../version/open-version.js';
import { carriedCorpus } from './carried-corpus.js';

/**
 * Returns the ranges of the version whose rows a job carries over, because what is stored under
 * them stands beside what is added. Undefined where nothing is carried over, and where that version
 * has no rows and therefore no ranges. Errors: those of `carriedCorpus`.
 */
export async function carriedRanges(version: OpenVersion): Promise<ValueRanges | undefined> {
  const carried = await carriedCorpus(version);
  return carried && encodingOf(carried.manifest).ranges;
}
