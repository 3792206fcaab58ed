import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';

/**
 * Checks that a version that was begun computes every vector, as somebody asks. Errors: USAGE for
 * one that was begun otherwise.
 */
export function assertRecomputes({ spec, recompute }: JobRecord): void {
  if (recompute) return;
  throw new VectormillError(
    'USAGE',
    `${spec.dataset}@${spec.version} was begun without --recompute, and may have taken vectors over already`,
    {
      component: 'version',
      remedy: 'Leave out --recompute, or begin another version: `--version` of `run`, `--at now` of `night`.',
    },
  );
}
