import { EDITIONS, editionDifferences, editionsOf } from '../../core/editions.js';
import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';

/**
 * Refuses to continue a version that another release began if the two would make different
 * documents, chunks or terms from the same bytes, because one version would then hold both. `file`
 * is where the existing job is stored. Errors: EDITION_MISMATCH.
 */
export function assertSameEditions(
  existing: JobRecord,
  own: Pick<JobRecord, 'editions'> = { editions: EDITIONS },
  file?: string,
): void {
  const differences = editionDifferences(editionsOf(existing), editionsOf(own));
  if (differences.length === 0) return;
  const { dataset, version } = existing.spec;
  throw new VectormillError(
    'EDITION_MISMATCH',
    `${dataset}@${version} was begun by another release of vectormill: ${differences.join(', ')}`,
    {
      component: 'version',
      ...(file && { file }),
      remedy:
        'Give this job a `version` of its own, or finish this one with the release that began it. Finished versions stay readable.',
    },
  );
}
