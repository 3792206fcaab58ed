import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import { largestValue, type VectorPrecision } from '../../core/vector-precision.js';

/**
 * Refuses values that a precision cannot hold, because they are not finite or too large, before
 * anything is durable. `file` is what was embedded. Errors: VECTOR_INVALID.
 */
export function assertStorable(vectors: Float32Array, precision: VectorPrecision, file: string): void {
  const largest = largestValue(precision);
  let notFinite = 0;
  let tooLarge = 0;
  // An iterator would make an object for every number.
  for (let index = 0; index < vectors.length; index += 1) {
    const value = vectors[index]!;
    if (!Number.isFinite(value)) notFinite += 1;
    else if (Math.abs(value) > largest) tooLarge += 1;
  }
  if (notFinite > 0) {
    throw new VectormillError(
      'VECTOR_INVALID',
      `the model gave ${counted(notFinite, 'value')} that are not finite`,
      {
        component: 'version',
        file,
        remedy: 'Check the model folder with `vectormill model show`; its weights or graph may be damaged.',
      },
    );
  }
  if (tooLarge > 0) {
    const message = `the model gave ${counted(tooLarge, 'value')} beyond ±${largest}, which ${precision} cannot hold`;
    throw new VectormillError('VECTOR_INVALID', message, {
      component: 'version',
      file,
      remedy: 'Store the vectors of this model as float32; a job needs another `version` for it.',
    });
  }
}
