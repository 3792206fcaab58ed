import { type ProgressSample, ratesOver } from '../core/progress.js';
import { duration } from './job/progress-line.js';
import { liveLine } from './live-line.js';

/** Work that takes less than this many ms prints only its result. */
const QUIET_MS = 2000;
/** The time between two lines of a log, in ms. On a terminal the spinner refreshes the line. */
const LOG_INTERVAL_MS = 5000;

/** Shows on stderr how far a piece of work is. */
export interface Progress {
  /** Reports `done` of `total` units. */
  update(done: number, total: number): void;
  stop(): void;
}

/**
 * Shows progress in units such as "texts", with the rate and the time left: as a live line on a
 * terminal, and as log lines elsewhere.
 */
export function showProgress(verb: string, unit: string, json: boolean): Progress {
  const spinner = json ? undefined : liveLine();
  const startedAt = performance.now();
  const samples: ProgressSample[] = [{ at: startedAt, chunks: 0, tokens: 0, fraction: 0 }];
  let saidAt = startedAt + QUIET_MS - LOG_INTERVAL_MS;
  return {
    update(done, total) {
      const at = performance.now();
      samples.push({ at, chunks: done, tokens: 0, fraction: total > 0 ? done / total : 0 });
      if (samples.length > 2) samples.splice(1, samples.length - 2);
      if (at - startedAt < QUIET_MS) return;
      const { chunksPerSecond: rate, etaMs } = ratesOver(samples);
      const line = `${verb} ${done} of ${total} ${total === 1 ? unit.replace(/s\b/, '') : unit} · ${rate.toFixed(1)} ${unit}/s · ETA ${etaMs === undefined ? '–' : duration(etaMs)}`;
      if (spinner) {
        spinner.text = line;
        if (!spinner.isSpinning) spinner.start();
        return;
      }
      if (at - saidAt < LOG_INTERVAL_MS) return;
      saidAt = at;
      console.error(json ? JSON.stringify({ progress: { done, total, unit, rate, etaMs } }) : line);
    },
    stop: () => {
      spinner?.stop();
    },
  };
}

/** Says on stderr that a step failed and is tried again. */
export function sayRetry(error: Error, json: boolean): void {
  console.error(json ? JSON.stringify({ retryingAfter: error.message }) : `retrying after: ${error.message}`);
}
