import { exitCodeOf, VectormillError } from '../core/errors.js';
import { localFileError } from '../engine/store/file-errors.js';
import { settingsSources } from './environment.js';
import { errorLines } from './error-lines.js';

/**
 * Prints an error for a person or, with `json`, for a program. Returns the exit code of the error.
 */
export function reportError(error: unknown, json: boolean): 1 | 2 {
  const known = knownError(error);
  const remedy = withOrigin(known);
  if (json) {
    const { code, message, component, file, position, worker } = known;
    console.log(JSON.stringify({ error: { code, message, component, remedy, file, position, worker } }));
  } else {
    const verdict = exitCodeOf(known) === 2 ? 'refused' : 'failed';
    console.error(`${verdict} (${known.code}): ${errorLines({ ...known, message: known.message, remedy })}`);
  }
  return exitCodeOf(known);
}

/** Returns the error as one with a code. INTERNAL stands for what nobody expected. */
export function knownError(error: unknown): VectormillError {
  return error instanceof VectormillError ? error : (localFileError(error) ?? unexpected(error));
}

/**
 * Returns the remedy. For an error of a server that a dev stack's file named, it also says where
 * the settings come from.
 */
function withOrigin({ code, message, file: place, remedy }: VectormillError): string {
  const { file, temporal, s3, notUsed } = settingsSources();
  const isTemporal = code === 'TEMPORAL_UNAVAILABLE';
  const isS3 = code.startsWith('STORE_') && `${place} ${message}`.includes('s3://');
  if (file === undefined || !(isTemporal || isS3)) return remedy;
  if (notUsed !== undefined) return `${remedy} (${file} is not used: ${notUsed}.)`;
  if ((isTemporal ? temporal : s3) === 'environment') return remedy;
  return `${remedy} The address comes from ${file}; if its servers have ended, \`make up\` starts them again.`;
}

function unexpected(error: unknown): VectormillError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new VectormillError('INTERNAL', message, {
    component: 'cli',
    remedy: 'This is a defect; run again with NODE_OPTIONS=--stack-trace-limit=50 and report it.',
    cause: error,
  });
}
