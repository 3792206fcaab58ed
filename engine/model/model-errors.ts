import { VectormillError } from '../../core/errors.js';

const COMPONENT = 'model';

/** A file of a model folder is missing, damaged or contradicts another one. */
export function modelInvalid(
  file: string,
  message: string,
  cause?: unknown,
  remedy = 'Fetch the model folder again, or repair the named file.',
): VectormillError {
  return new VectormillError('MODEL_INVALID', message, { component: COMPONENT, file, remedy, cause });
}

/** A sound model that asks for something this version cannot compute exactly. */
export function modelUnsupported(
  file: string,
  message: string,
  remedy = 'Choose another model; docs/models.md lists what is supported.',
): VectormillError {
  return new VectormillError('MODEL_UNSUPPORTED', message, { component: COMPONENT, file, remedy });
}

/** Whoever asked for vectors or scores does not want them any more; `cause` is the abort signal's reason. */
export function embeddingCancelled(cause?: unknown): VectormillError {
  return new VectormillError('CANCELLED', 'the model was stopped before its work was done', {
    component: COMPONENT,
    remedy: 'Start it again to finish.',
    cause,
  });
}
