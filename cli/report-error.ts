import { type ErrorCode, exitCodeOf, VectormillError } from '../core/errors.js';

/** Prints an error for a person or, with `json`, for a program, and returns the exit code it calls for. */
export function reportError(error: unknown, json: boolean): 1 | 2 {
  const known = error instanceof VectormillError ? error : unexpected(error);
  if (json) {
    const { code, message, component, remedy, file, position } = known;
    console.log(JSON.stringify({ error: { code, message, component, remedy, file, position } }));
  } else {
    console.error(`${verdict(known.code)} (${known.code}): ${known.message}\n  → ${known.remedy}`);
  }
  return exitCodeOf(known.code);
}

function verdict(code: ErrorCode): string {
  return exitCodeOf(code) === 2 ? 'refused' : 'failed';
}

function unexpected(error: unknown): VectormillError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new VectormillError('INTERNAL', message, {
    component: 'cli',
    remedy: 'This is a defect; run again with NODE_OPTIONS=--stack-trace-limit=50 and report it.',
    cause: error,
  });
}
