import { setTimeout } from 'node:timers/promises';
import { isVectormillError, refusalsAsFailures } from '../../core/errors.js';
import { checkTemporal } from '../job/connect.js';

/** The time between two questions, in ms. */
const QUESTION_MS = 60_000;

/**
 * Does long work, and ends it where the server refuses the settings twice in a row: a key that was
 * withdrawn, or a certificate that has expired meanwhile. Temporal's worker would ask on without a
 * word. `work` gets a signal that is aborted then, or with `signal`. Errors: TEMPORAL_DENIED; those
 * of `work`.
 */
export async function whileLetIn(
  signal: AbortSignal,
  work: (stop: AbortSignal) => Promise<void>,
  questionMs = QUESTION_MS,
): Promise<void> {
  const ended = new AbortController();
  const denied = new AbortController();
  const refusal = watch(AbortSignal.any([signal, ended.signal]), questionMs);
  refusal.then((error) => error && denied.abort());
  try {
    await work(AbortSignal.any([signal, denied.signal]));
  } finally {
    ended.abort();
  }
  const error = await refusal;
  if (error) await refusalsAsFailures(() => Promise.reject(error));
}

/** Returns the second refusal in a row, or undefined once the signal is aborted. */
async function watch(signal: AbortSignal, questionMs: number): Promise<unknown> {
  let refusals = 0;
  for (;;) {
    await setTimeout(questionMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return undefined;
    const error = await checkTemporal().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const isRefusal = isVectormillError(error) && error.code === 'TEMPORAL_DENIED';
    refusals = isRefusal ? refusals + 1 : 0;
    if (refusals === 2) return error;
  }
}
