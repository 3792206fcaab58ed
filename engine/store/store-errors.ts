import { VectormillError } from '../../core/errors.js';

const component = 'store';

/** Returns the error for an object that does not exist. */
export function objectNotFound(uri: string): VectormillError {
  return new VectormillError('OBJECT_NOT_FOUND', `there is no object ${uri}`, {
    component,
    remedy: 'Check the URI; if a job wrote this object, find out who removed it.',
    file: uri,
  });
}

/** Returns the error for an object that changed while it was in use. */
export function objectChanged(uri: string): VectormillError {
  return new VectormillError(
    'INPUT_CHANGED',
    `${uri} is no longer what it was when it was planned or opened`,
    {
      component,
      remedy: 'Leave the input as it is while a job runs, or start a new job on the changed input.',
      file: uri,
    },
  );
}

/** Returns the error for bytes that do not have their checksum. */
export function checksumMismatch(uri: string, cause?: unknown): VectormillError {
  return new VectormillError(
    'CHECKSUM_MISMATCH',
    `the bytes of ${uri} do not have the checksum they should`,
    {
      component,
      remedy: 'Try again; if it stays so, the object or the way to the store is damaged.',
      file: uri,
      cause,
    },
  );
}

/** Returns the error for a refused access. */
export function storeDenied(uri: string, reason: string, remedy: string): VectormillError {
  return new VectormillError('STORE_DENIED', `${reason} (${uri})`, { component, remedy, file: uri });
}

/** Returns the error for a store without space. */
export function storeFull(uri: string, reason: string): VectormillError {
  return new VectormillError('STORE_FULL', `${reason} (${uri})`, {
    component,
    remedy: 'Make room or raise the quota.',
    file: uri,
  });
}

/** Returns the error for what a store can never do. */
export function storeUnsupported(uri: string, reason: string, remedy: string): VectormillError {
  return new VectormillError('STORE_UNSUPPORTED', `${reason} (${uri})`, { component, remedy, file: uri });
}

/** Returns the error for a store that may work again later. */
export function storeUnavailable(uri: string, reason: string, cause?: unknown): VectormillError {
  return new VectormillError('STORE_UNAVAILABLE', `${reason} (${uri})`, {
    component,
    remedy: 'Check that the store can be reached, then try again.',
    file: uri,
    cause,
  });
}

/** Returns the error for an operation whose signal has fired. */
export function storeCancelled(): VectormillError {
  return new VectormillError('CANCELLED', 'the store operation was cancelled', {
    component,
    remedy: 'Nothing needs to be done, because the caller cancelled it.',
  });
}

/** Throws if the signal has fired. Errors: CANCELLED. */
export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw storeCancelled();
}

/** Returns the error for a URI or key that is malformed. */
export function badUri(message: string, uri: string): VectormillError {
  return new VectormillError('USAGE', `${message}: ${JSON.stringify(uri)}`, {
    component,
    remedy: 'Give s3://bucket/prefix, file:///path or a path.',
    file: uri,
  });
}
