import { VectormillError } from '../../core/errors.js';

/** A part that stands where ours belongs and is not ours: never overwritten, never adopted. */
export function partConflict(file: string, why: string): VectormillError {
  return new VectormillError('PART_CONFLICT', `${file} is there already and ${why}`, {
    component: 'steps',
    file,
    remedy:
      'Give the job a new `version`; if nobody else writes there, check the file with `vectormill inspect`.',
  });
}
