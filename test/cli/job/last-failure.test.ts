import { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { lastFailureOf } from '../../../cli/job/observe-job.js';

/** Converts payloads; no server is asked. */
const client = new Client();

/** Temporal's numbers for an activity that waits for its next attempt, and for one that runs. */
const [SCHEDULED, STARTED] = [1, 2];

const failed = (state: number) => [
  { state: STARTED, lastWorkerIdentity: '1@one' },
  { state, lastWorkerIdentity: '2@two', lastFailure: { message: 'activity Heartbeat timeout' } },
];

test('the last failure names its worker while the activity waits for its next attempt', async () => {
  expect(await lastFailureOf(client, failed(SCHEDULED))).toBe(
    'activity Heartbeat timeout; met by worker 2@two',
  );
});

test('the worker that tries again is not said to have failed', async () => {
  expect(await lastFailureOf(client, failed(STARTED))).toBe('activity Heartbeat timeout');
});

test('without a failed attempt nothing is said', async () => {
  expect(await lastFailureOf(client, failed(STARTED).slice(0, 1))).toBeUndefined();
});
