import { exitCodeOf, VectormillError } from '../core/errors.js';
import { localFileError } from '../engine/store/file-errors.js';
import { errorLines } from './error-lines.js';

/** Prints an error for a person or, with `json`, for a program, and returns the exit code it calls for. */
export function reportError(error: unknown, json: boolean): 1 | 2 {
  const known = error instanceof VectormillError ? error : (localFileError(error) ?? unexpected(error));
  if (json) {
    const { code, message, component, remedy, file, position, worker } = known;
    console.log(JSON.stringify({ error: { code, message, component, remedy, file, position, worker } }));
  } else {
    const verdict = exitCodeOf(known) === 2 ? 'refused' : 'failed';
    console.error(`${verdict} (${known.code}): ${errorLines(known)}`);
  }
  return exitCodeOf(known);
}

function unexpected(error: unknown): VectormillError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new VectormillError('INTERNAL', message, {
    component: 'cli',
    remedy: 'This is a defect; run again with NODE_OPTIONS=--stack-trace-limit=50 and report it.',
    cause: error,
  });
}
