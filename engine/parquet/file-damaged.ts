import { VectormillError } from '../../core/errors.js';

/**
 * Returns FILE_DAMAGED for one of our own files. `what` completes the sentence "<file> is damaged:
 * …".
 */
export function fileDamaged(file: string, what: string, cause?: unknown): VectormillError {
  return new VectormillError('FILE_DAMAGED', `${file} is damaged: ${what}`, {
    component: 'parquet',
    file,
    remedy:
      'Compare its sha256 with the one in the manifest or commit. If they differ, restore the file; ' +
      'if they are equal, read it with the release that wrote it, or write the version again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
