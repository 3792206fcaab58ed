import { expect, test } from 'vitest';
import type { JobObservation } from '../../../cli/job/observe-job.js';
import { duration, progressLine } from '../../../cli/job/progress-line.js';
import { ProgressTracker } from '../../../cli/job/progress-tracker.js';
import { summaryLines } from '../../../cli/job/summary.js';
import { NO_SHARD_TOTALS } from '../../../core/progress.js';

function observation(chunks: number, bytes: number, more: Partial<JobObservation> = {}): JobObservation {
  return {
    status: 'RUNNING',
    isCancelling: false,
    stage: 'embed',
    progress: {
      phase: 'embedding',
      paused: false,
      plan: { shards: 4, inputObjects: 2, inputBytes: 1000 },
      scanned: { documents: 50, rejects: { BAD_JSON: 2 } },
      lanes: [],
      ended: NO_SHARD_TOTALS,
    },
    totals: { ...NO_SHARD_TOTALS, shards: Math.floor(bytes / 250), bytes, chunks, tokens: 10 * chunks },
    positions: [],
    retries: 0,
    lastFailure: undefined,
    failure: undefined,
    unserved: [],
    at: 0,
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

test('shards in flight count in proportion to their rows', () => {
  const positions = [{ stage: 'embed', shard: 1, rows: 5, rowsTotal: 10, tokens: 50 }] as const;
  const view = new ProgressTracker().view(observation(0, 250, { positions }), 0);
  expect(view).toMatchObject({ share: 0.375, chunks: 5, tokens: 50 });
});

test('shards that are being quantised count in proportion to their rows, too', () => {
  const positions = [{ stage: 'quantise', shard: 1, rows: 5, rowsTotal: 10, tokens: 50 }] as const;
  const view = new ProgressTracker().view(observation(0, 250, { positions }), 0);
  expect(view).toMatchObject({ share: 0.375, chunks: 5, tokens: 50 });
});

const unanswered = { progress: undefined, totals: undefined };

test('a queue that no worker serves is named, and an unknown value is not shown as zero', () => {
  const view = new ProgressTracker().view(
    observation(0, 0, { ...unanswered, stage: undefined, unserved: ['control', 'chunk-cpu'] }),
    0,
  );
  expect(view).toMatchObject({ shards: null, documents: null, chunks: null, share: null, rejects: null });
  expect(progressLine(view)).toBe(
    'waiting · ETA – · 0 retries · no worker serves control, chunk-cpu; start one with `vectormill worker --queues control,chunk-cpu`',
  );
});

test('the stage of its lanes is known even where no worker answers, and earlier values are kept', () => {
  const tracker = new ProgressTracker();
  tracker.view(observation(100, 250), 0);
  const silent = observation(0, 0, { ...unanswered, unserved: ['control'] });
  expect(progressLine(tracker.view(silent, 1000))).toMatch(
    /^embedding · 25% · 1\/4 shards · 100 chunks .* · no worker serves control; /,
  );
  expect(progressLine(new ProgressTracker().view(silent, 0))).toMatch(/^embedding · ETA – · 0 retries · no/);
});

test('a worker that exists but does not answer is not reported as missing', () => {
  const view = new ProgressTracker().view(observation(0, 0, unanswered), 0);
  expect(progressLine(view)).toMatch(/^embedding .*no worker has answered in time$/);
});

test('nothing is counted while the job is claimed and planned', () => {
  const { progress } = observation(0, 0);
  const claiming = { ...progress!, phase: 'claiming' as const, plan: null, scanned: null };
  expect(progressLine(new ProgressTracker().view(observation(0, 0, { progress: claiming }), 0))).toBe(
    'claiming · ETA – · 0 retries',
  );
});

test('a job that will fail says so before it ends, with the worker that met the cause', () => {
  const failure = {
    code: 'STORE_DENIED' as const,
    message: 'the file system is read-only: EROFS',
    worker: '7@mill',
  };
  const view = new ProgressTracker().view(observation(100, 250, { failure }), 0);
  expect(progressLine(view)).toMatch(
    /^stopping .* · it will fail with STORE_DENIED: the file system is read-only: EROFS; met by worker 7@mill$/,
  );
});

test('a job that is being cancelled says so', () => {
  const view = new ProgressTracker().view(observation(100, 250, { isCancelling: true }), 0);
  expect(progressLine(view)).toBe(
    'cancelling · 25% · 1/4 shards · 100 chunks · ETA – · 0 retries · 2 rejects',
  );
});

test('retries never fall', () => {
  const tracker = new ProgressTracker();
  const seen = [0, 3, 1, 0, 4].map((retries) => tracker.view(observation(1, 1, { retries }), 0).retries);
  expect(seen).toEqual([0, 3, 3, 3, 4]);
});

test('rates and the time left count what this run computes, and not what it finds', () => {
  const tracker = new ProgressTracker();
  const found = (chunks: number, bytes: number, adopted: number) => {
    const base = observation(chunks, bytes);
    return { ...base, totals: { ...base.totals!, adopted: { chunks: adopted, tokens: 10 * adopted } } };
  };
  tracker.view(found(200, 500, 200), 0);
  // Half of the corpus was found. A quarter of the work on the other half was done in ten seconds.
  const view = tracker.view(found(300, 750, 200), 10_000);
  expect(view).toMatchObject({ chunks: 300, share: 0.75 });
  expect(view.rates).toEqual({ chunksPerSecond: 10, tokensPerSecond: 100, etaMs: expect.closeTo(10_000, 3) });
});

test('a single observation has the rates since the phase began', () => {
  const { progress } = observation(0, 0);
  const since = { progress: { ...progress!, phaseSince: 5000 }, at: 25_000 };
  const { rates } = new ProgressTracker().view(observation(100, 250, since), 77);
  expect(rates).toEqual({ chunksPerSecond: 5, tokensPerSecond: 50, etaMs: expect.closeTo(60_000, 3) });
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

test('retries are shown with the failure behind them', () => {
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
])('%d ms is written as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
