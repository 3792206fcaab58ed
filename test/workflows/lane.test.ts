import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NO_SHARD_TOTALS, type ShardTotals } from '../../core/progress.js';
import { EMBED_JOB, LANE, type LaneProgress, QUERIES, SIGNALS, workflowId } from '../../core/workflow-api.js';
import type { LaneInput } from '../../workflows/lane.js';
import { orchestrationWorker, SHARD_TOTALS } from '../support/orchestration.js';
import {
  eventually,
  failureOf,
  progressOf,
  startJob,
  type TestNamespace,
  testNamespace,
} from '../support/temporal.js';
import { testJob } from '../support/test-job.js';

/** The shards of a job: enough for two lanes. */
const SHARDS = 40;
/** The shards of the one long lane: more than one history holds. */
const MANY = 1800;

let namespace: TestNamespace;
let worker: Awaited<ReturnType<typeof orchestrationWorker>>;
const scanned: string[] = [];
let scan = async (_dataset: string, _shard: number): Promise<void> => {};

beforeAll(async () => {
  namespace = await testNamespace();
  worker = await orchestrationWorker(namespace, SHARDS, {
    scanShard: async ({ dataset }, shard) => {
      scanned.push(`${dataset} ${shard}`);
      await scan(dataset, shard);
      return SHARD_TOTALS;
    },
  });
});

afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

/** Returns the shards of a dataset whose scan began, in the order of their numbers. */
const scannedOf = (dataset: string) =>
  scanned
    .flatMap((line) => (line.startsWith(`${dataset} `) ? [Number(line.split(' ')[1])] : []))
    .sort((a, b) => a - b);

function laneInput(dataset: string, more: Partial<LaneInput>): LaneInput {
  return {
    location: { output: 'memory://', dataset, version: 'v1' },
    stage: 'scan',
    next: 0,
    step: 1,
    shards: 12,
    window: 2,
    duplicates: [],
    paused: false,
    totals: NO_SHARD_TOTALS,
    ...more,
  };
}

const startLane = (input: LaneInput) =>
  namespace.client.workflow.start<(input: LaneInput) => Promise<ShardTotals>>(LANE, {
    taskQueue: 'control',
    workflowId: `lane/${input.location.dataset}`,
    args: [input],
  });

it('a lane takes every step-th shard from its first, each once, and adds them up', async () => {
  const handle = await startLane(laneInput('stepped', { next: 1, step: 3, shards: 12 }));
  expect(await handle.result()).toEqual({ ...NO_SHARD_TOTALS, shards: 4, bytes: 400, documents: 40 });
  expect(scannedOf('stepped')).toEqual([1, 4, 7, 10]);
});

it('a lane with more shards than one history holds continues as new, and counts every shard once', async () => {
  const handle = await startLane(laneInput('long', { shards: MANY, window: 100 }));
  expect(await handle.result()).toMatchObject({ shards: MANY, documents: 10 * MANY });
  expect(scannedOf('long')).toEqual(Array.from({ length: MANY }, (_, shard) => shard));
  const first = namespace.client.workflow.getHandle('lane/long', handle.firstExecutionRunId);
  const { status, historyLength } = await first.describe();
  expect(status.name).toBe('CONTINUED_AS_NEW');
  expect(historyLength).toBeLessThan(10_240);
});

it('a lane that begins paused starts nothing until it is resumed', async () => {
  const handle = await startLane(laneInput('paused', { paused: true }));
  await eventually(async () => (await handle.describe()).historyLength > 3);
  expect(scannedOf('paused')).toEqual([]);
  await handle.signal(SIGNALS.resume);
  expect((await handle.result()).shards).toBe(12);
});

it('a lane that is asked to wind down finishes its shards in flight and starts no others', async () => {
  const gate = heldScan('winding', () => true);
  const handle = await startLane(laneInput('winding', { window: 3 }));
  await eventually(async () => scannedOf('winding').length === 3);
  await handle.signal(SIGNALS.windDown);
  await eventually(async () => hasSignal('lane/winding', SIGNALS.windDown));
  gate.release();
  expect((await handle.result()).shards).toBe(3);
  expect(scannedOf('winding')).toEqual([0, 1, 2]);
});

it('when one lane fails, the others finish their shards in flight and start no others', async () => {
  const gate = heldScan('failing', (shard) => shard !== 0);
  const handle = await startJob(namespace, testJob('/corpora/test', { dataset: 'failing' }));
  const otherLane = `${workflowId({ dataset: 'failing', version: 'v1' })}/scan/1`;
  await eventually(async () => hasSignal(otherLane, SIGNALS.windDown));
  gate.release();
  expect(await failureOf(handle)).toMatchObject({ type: 'INPUT_DAMAGED' });
  expect(scannedOf('failing')).toEqual([0, 1]);
});

it('a shard that is retried for ever does not hold up a job that has failed, which reports it at once', async () => {
  const gate = heldScan('doomed', (shard) => shard === 2);
  const handle = await startLane(laneInput('doomed', { window: 3, shards: 3 }));
  await eventually(async () => scannedOf('doomed').includes(1) && scannedOf('doomed').includes(2));
  const progress = () => handle.query<LaneProgress>(QUERIES.laneProgress);
  await eventually(async () => (await progress()).failure !== undefined);
  expect((await progress()).failure).toEqual({ code: 'INPUT_DAMAGED', message: 'as the test told it to' });
  gate.release();
  expect(await failureOf(handle)).toMatchObject({ type: 'INPUT_DAMAGED' });
});

it('a job that is paused before it begins starts no shard until it is resumed', async () => {
  const job = testJob('/corpora/test', { dataset: 'early' });
  await namespace.client.workflow.signalWithStart(EMBED_JOB, {
    workflowId: workflowId(job.spec),
    taskQueue: 'control',
    signal: SIGNALS.pause,
    args: [{ job }],
  });
  const handle = namespace.client.workflow.getHandle(workflowId(job.spec)) as Awaited<
    ReturnType<typeof startJob>
  >;
  await eventually(async () => (await progressOf(handle)).phase === 'scanning');
  expect(scannedOf('early')).toEqual([]);
  await handle.signal(SIGNALS.resume);
  expect((await handle.result()).totals.shards).toBe(SHARDS);
});

it('pauses and resumes in quick succession reach the lanes in their order, so that none stays paused', async () => {
  const gate = heldScan('hasty', () => true);
  const handle = await startJob(namespace, testJob('/corpora/test', { dataset: 'hasty' }));
  await eventually(async () => scannedOf('hasty').length === 2);
  const said = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? SIGNALS.pause : SIGNALS.resume));
  for (const signal of said) await handle.signal(signal);
  for (const lane of [0, 1]) {
    const id = `${handle.workflowId}/scan/${lane}`;
    await eventually(async () => (await signalsOf(id)).length === said.length);
    expect(await signalsOf(id)).toEqual(said);
  }
  gate.release();
  expect((await handle.result()).totals.shards).toBe(SHARDS);
});

/** Holds the scans of some shards of a dataset. Those of the others fail with a final code. */
function heldScan(held: string, holds: (shard: number) => boolean): { release(): void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  scan = async (dataset, shard) => {
    if (dataset !== held) return;
    if (dataset === 'doomed' && shard === 1) throw ApplicationFailure.retryable('away', 'STORE_UNAVAILABLE');
    if (holds(shard)) return released;
    throw ApplicationFailure.nonRetryable('as the test told it to', 'INPUT_DAMAGED');
  };
  return { release };
}

async function hasSignal(id: string, name: string): Promise<boolean> {
  return (await signalsOf(id)).includes(name);
}

/** Returns the signals that a workflow received, in order. */
async function signalsOf(id: string): Promise<string[]> {
  const { events } = await namespace.client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? [],
  );
}

it.each([
  ['is paused and resumed', 'pause'],
  ['is cancelled', 'cancel'],
] as const)(
  'a lane that %s goes on, or ends as cancelled, also where its worker dies meanwhile',
  async (_, by) => {
    const dataset = `died-${by}`;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let attempts = 0;
    // Like a killed worker, the activity sends no heartbeat and answers no cancellation.
    scan = async (of, shard) => {
      if (of !== dataset || shard !== 3) return;
      attempts += 1;
      if (attempts === 1) await released;
    };
    try {
      const handle = await startLane(laneInput(dataset, { shards: 6 }));
      await eventually(async () => attempts === 1);
      if (by === 'cancel') {
        await handle.cancel();
        await failureOf(handle);
        expect((await handle.describe()).status.name).toBe('CANCELLED');
        return;
      }
      await handle.signal(SIGNALS.pause);
      await handle.signal(SIGNALS.resume);
      expect(await handle.result()).toMatchObject({ shards: 6 });
      expect(attempts).toBe(2);
    } finally {
      release();
    }
  },
);
