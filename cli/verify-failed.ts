import { counted } from '../core/counted.js';
import { VectormillError } from '../core/errors.js';

/** Returns the error for a version that does not match its manifest. */
export function verifyFailed(
  name: string,
  differences: number,
  remedy = 'Restore the named files from a copy, or embed into a new version; nothing here mends itself.',
): VectormillError {
  return new VectormillError(
    'VERIFY_FAILED',
    `${name} is not what its manifest says: ${counted(differences, 'difference')}`,
    { component: 'verify', remedy },
  );
}
