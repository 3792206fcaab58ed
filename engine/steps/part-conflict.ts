import { VectormillError } from '../../core/errors.js';

/**
 * Returns the error for a foreign part that is stored where ours belongs. Such a part is never
 * overwritten and never adopted.
 */
export function partConflict(file: string, why: string): VectormillError {
  return new VectormillError('PART_CONFLICT', `${file} is there already and ${why}`, {
    component: 'steps',
    file,
    remedy:
      'Give the job a new `version`; if nobody else writes there, check the file with `vectormill inspect`.',
  });
}
