import { VectormillError } from '../../core/errors.js';

const COMPONENT = 'corpus';

/** Instructions for an object that cannot be read to its end. */
export const REMEDY_OF_DAMAGE =
  'replace the object by a whole one, or leave it out with input.exclude, and start a new version';

/**
 * Returns the error for an object that cannot be read to its end. It is about the object itself,
 * not about one of its documents.
 */
export function inputDamaged(
  uri: string,
  what: string,
  details: { position?: number; cause?: unknown; remedy?: string } = {},
) {
  return new VectormillError('INPUT_DAMAGED', `${uri}: ${what}`, {
    component: COMPONENT,
    remedy: REMEDY_OF_DAMAGE,
    file: uri,
    ...details,
  });
}

/** Returns the error for an input that cannot be read in its format or shape. */
export function inputUnsupported(uri: string, what: string, remedy: string) {
  return new VectormillError('INPUT_UNSUPPORTED', `${uri}: ${what}`, {
    component: COMPONENT,
    remedy,
    file: uri,
  });
}

/** Returns the error for an object that is no longer what it was when it was planned. */
export function inputChanged(uri: string, cause?: unknown) {
  return new VectormillError('INPUT_CHANGED', `${uri}: the object is not the one that was planned`, {
    component: COMPONENT,
    remedy: 'start a new version: a version reads one state of its corpus',
    file: uri,
    cause,
  });
}

/** Returns the error for an input URI below which nothing lies. */
export function inputNotFound(uri: string) {
  return new VectormillError('INPUT_NOT_FOUND', `${uri}: there is no such object and nothing below it`, {
    component: COMPONENT,
    remedy:
      'name an object or folder that exists; in a job file it is input.uri. Sockets, pipes and links to folders are not read',
    file: uri,
  });
}

/** Returns the error for an input that holds nothing to read; `what` says why. */
export function inputEmpty(uri: string, what: string) {
  return new VectormillError('INPUT_EMPTY', `${uri}: ${what}`, {
    component: COMPONENT,
    remedy: 'name an object or folder that holds documents, or correct input.include or input.exclude',
    file: uri,
  });
}
