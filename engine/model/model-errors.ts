import { VectormillError } from '../../core/errors.js';

const COMPONENT = 'model';

/**
 * Returns the error for a file of a model folder that is missing or damaged, or that contradicts
 * another file.
 */
export function modelInvalid(
  file: string,
  message: string,
  cause?: unknown,
  remedy = 'Fetch the model folder again, or repair the named file.',
): VectormillError {
  return new VectormillError('MODEL_INVALID', message, { component: COMPONENT, file, remedy, cause });
}

/**
 * Returns the error for an intact model that needs something which this version cannot compute
 * exactly.
 */
export function modelUnsupported(
  file: string,
  message: string,
  remedy = 'Choose another model; docs/models.md lists what is supported.',
): VectormillError {
  return new VectormillError('MODEL_UNSUPPORTED', message, { component: COMPONENT, file, remedy });
}

/**
 * Returns the error for work that was cancelled by the caller. `cause` is the reason of the abort
 * signal.
 */
export function embeddingCancelled(cause?: unknown): VectormillError {
  return new VectormillError('CANCELLED', 'the model was stopped before its work was done', {
    component: COMPONENT,
    remedy: 'Start it again to finish.',
    cause,
  });
}
