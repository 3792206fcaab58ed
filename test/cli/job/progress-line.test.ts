import { expect, test } from 'vitest';
import type { JobObservation } from '../../../cli/job/observe-job.js';
import { duration, ProgressTracker, progressLine } from '../../../cli/job/progress-line.js';
import { summaryLines } from '../../../cli/job/summary.js';
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

test('rows of many lines are noted once the scan has counted them', () => {
  const example = { uri: 's3://corpora/a.csv', unit: 'byte', at: 12 } as const;
  const { progress } = observation(1, 1);
  const scanned = { documents: 50, rejects: {}, longRows: { rows: 2, example } };
  const view = new ProgressTracker().view(observation(1, 1, { progress: { ...progress!, scanned } }), 0);
  const note = '2 rows run over more than 10 lines, such as the one at byte 12 of s3://corpora/a.csv';
  expect(progressLine(view)).toContain(note);
  const lines = summaryLines('a@v1', {
    manifest: 'm',
    fingerprint: 'f',
    totals: {
      inputObjects: 1,
      inputBytes: 1,
      shards: 1,
      documents: 1,
      chunks: 1,
      truncatedChunks: 0,
      tokens: 1,
      outputBytes: 1,
    },
    rejects: {},
    longRows: { rows: 1, example },
    elapsedMs: 1,
  });
  expect(lines.join('\n')).toMatch(
    /warning +1 row runs over more than 10 lines, at byte 12 .*input\.csv\.quote/,
  );
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
