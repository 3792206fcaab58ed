import { describeInterleaving, minimalInterleaving } from './minimal-interleaving.js';
import type { Protocol } from './protocol.js';
import { type Interleaving, runInterleaving } from './run-interleaving.js';

/** The interleavings that were run, and the first in which a promise was broken. */
export interface TriedInterleavings {
  count: number;
  /** The number of requests of all of them. */
  steps: number;
  seconds: number;
  failing: Interleaving | undefined;
}

/** Runs the interleavings of consecutive seeds, until a promise is broken. */
export async function tryInterleavings(
  protocol: Protocol,
  { seed, count }: { seed: number; count: number },
): Promise<TriedInterleavings> {
  const startedAt = performance.now();
  const { stackTraceLimit } = Error;
  // Stacks of expected errors would take a good part of the time.
  Error.stackTraceLimit = 0;
  let steps = 0;
  try {
    for (let tried = 0; tried < count; tried += 1) {
      const interleaving = await runInterleaving(seed + tried, { protocol });
      steps += interleaving.steps;
      if (interleaving.violation) return done(tried + 1, interleaving);
    }
    return done(count);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }

  function done(tried: number, failing?: Interleaving): TriedInterleavings {
    return { count: tried, steps, seconds: (performance.now() - startedAt) / 1000, failing };
  }
}

/** Describes a failing interleaving after it was made as small as it can be. */
export async function reportOfFailing(failing: Interleaving, protocol: Protocol): Promise<string> {
  return describeInterleaving(await minimalInterleaving(failing, protocol));
}
