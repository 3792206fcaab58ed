import { expect, test } from 'vitest';
import type { JobObservation } from '../../../cli/job/observe-job.js';
import { duration, ProgressTracker, progressLine } from '../../../cli/job/progress-line.js';
import { NO_TOTALS } from '../../../core/progress.js';

function observation(chunks: number, bytes: number, more: Partial<JobObservation> = {}): JobObservation {
  return {
    status: 'RUNNING',
    progress: {
      phase: 'embedding',
      paused: false,
      plan: { shards: 4, inputObjects: 2, inputBytes: 1000 },
      scanned: { documents: 50, rejects: { BAD_JSON: 2 } },
      lanes: [],
      ended: NO_TOTALS,
    },
    totals: { ...NO_TOTALS, shards: Math.floor(bytes / 250), bytes, chunks, tokens: 10 * chunks },
    positions: [],
    retries: 0,
    lastFailure: undefined,
    ...more,
  };
}

test('rates and the time left come from the samples of the last half minute', () => {
  const tracker = new ProgressTracker();
  tracker.view(observation(0, 0), 0);
  const view = tracker.view(observation(100, 250), 10_000);
  expect(view.rates).toEqual({ chunksPerSecond: 10, tokensPerSecond: 100, etaMs: 30_000 });
  expect(progressLine(view)).toBe(
    'embedding · 25% · 1/4 shards · 100 chunks · 10.0 chunks/s · 100 tok/s · ETA 30s · 0 retries · 2 rejects',
  );
});

test('shards in flight count by their rows', () => {
  const positions = [{ stage: 'embed', shard: 1, rows: 5, rowsTotal: 10, tokens: 50 }] as const;
  const view = new ProgressTracker().view(observation(0, 250, { positions }), 0);
  expect(view).toMatchObject({ share: 0.375, chunks: 5, tokens: 50 });
});

test('shards that are being quantised count by their rows, too', () => {
  const positions = [{ stage: 'quantise', shard: 1, rows: 5, rowsTotal: 10, tokens: 50 }] as const;
  const view = new ProgressTracker().view(observation(0, 250, { positions }), 0);
  expect(view).toMatchObject({ share: 0.375, chunks: 5, tokens: 50 });
});

test('a job that no worker answers for says how to start one', () => {
  const view = new ProgressTracker().view(observation(0, 0, { progress: undefined }), 0);
  expect(progressLine(view)).toMatch(/^waiting .*no worker answers; start one with `vectormill worker`$/);
});

test('retries show the failure behind them', () => {
  const view = new ProgressTracker().view(
    observation(1, 1, { retries: 2, lastFailure: 'the store is away' }),
    0,
  );
  expect(progressLine(view)).toMatch(/2 retries · .*retrying after: the store is away$/);
});

test.each([
  [400, '0s'],
  [59_400, '59s'],
  [60_000, '1m 00s'],
  [3_725_000, '1h 02m'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
