import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import {
  MINE_JOB,
  type MineJobInput,
  type MiningProgress,
  miningWorkflowId,
  QUERIES,
} from '../../core/workflow-api.js';
import { exampleMiningRecord } from '../support/mining-record.js';
import { orchestrationWorker } from '../support/orchestration.js';
import { eventually, failureOf, type TestNamespace, testNamespace } from '../support/temporal.js';

/** Shards of each job. */
const SHARDS = 12;
const CROSS_ENCODER = { crossEncoder: { model: 'none', top: 10, maxCrossScore: 0 } };

let namespace: TestNamespace;
let worker: Awaited<ReturnType<typeof orchestrationWorker>>;
/** `dataset stage shard` of every step that began, in order. */
const begun: string[] = [];
let step = async (_dataset: string, _stage: string, _shard: number): Promise<void> => {};

beforeAll(async () => {
  namespace = await testNamespace();
  const take = async (stage: string, { spec }: MiningRecord, shard: number) => {
    begun.push(`${spec.dataset} ${stage} ${shard}`);
    await step(spec.dataset, stage, shard);
  };
  worker = await orchestrationWorker(namespace, SHARDS, {
    planQueries: async ({ spec }) => ({ shards: SHARDS, isMined: spec.dataset === 'mined' }),
    findCandidates: (record, shard) => take('search', record, shard),
    rescoreCandidates: (record, shard) => take('rescore', record, shard),
    writeTriplets: (record, shard) => take('write', record, shard),
  });
});

afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

function start(
  dataset: string,
  concurrency: number,
  { historyLimit, ...more }: Partial<MiningRecord['spec']> & { historyLimit?: number } = {},
) {
  const record = exampleMiningRecord(dataset, more);
  return namespace.client.workflow.start<(input: MineJobInput) => Promise<{ manifest: string }>>(MINE_JOB, {
    workflowId: miningWorkflowId(record.spec),
    taskQueue: 'control',
    args: [{ record, concurrency, ...(historyLimit === undefined ? {} : { historyLimit }) }],
  });
}

/** Returns the shards of a stage that began, in the order of their numbers. */
const begunOf = (dataset: string, stage: string) =>
  begun
    .flatMap((line) => (line.startsWith(`${dataset} ${stage} `) ? [Number(line.split(' ')[2])] : []))
    .sort((a, b) => a - b);
const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

/**
 * Holds the steps of some shards of a dataset until it is released, or until they are cancelled.
 */
function hold(dataset: string, holds: (shard: number) => boolean): { release(): void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  step = async (own, _, shard) => {
    if (own === dataset && holds(shard)) await released;
  };
  return { release };
}

it('mining takes every shard through each stage, one stage after the other', async () => {
  await (await start('staged', 3, CROSS_ENCODER)).result();
  for (const stage of ['search', 'rescore', 'write']) expect(begunOf('staged', stage)).toEqual(ALL);
  const stages = begun.filter((line) => line.startsWith('staged ')).map((line) => line.split(' ')[1]);
  expect(stages).toEqual([
    ...ALL.map(() => 'search'),
    ...ALL.map(() => 'rescore'),
    ...ALL.map(() => 'write'),
  ]);
});

it('a slow shard keeps its own place in the window, and the others continue beside it', async () => {
  const gate = hold('slow', (shard) => shard === 0);
  const handle = await start('slow', 2);
  await eventually(async () => begunOf('slow', 'search').length === SHARDS);
  await eventually(async () => {
    const { stage, done, shards, inFlight } = await handle.query<MiningProgress>(QUERIES.progress);
    return stage === 'searching' && done === SHARDS - 1 && shards === SHARDS && inFlight.join() === '0';
  });
  gate.release();
  await handle.result();
  expect(begunOf('slow', 'write')).toEqual(ALL);
});

it('after a failure no shard is started, and those in flight finish', async () => {
  const gate = hold('failing', (shard) => shard !== 1);
  const held = step;
  step = async (dataset, stage, shard) => {
    await held(dataset, stage, shard);
    if (dataset === 'failing' && shard === 1)
      throw ApplicationFailure.nonRetryable('as the test told it to', 'CHECKSUM_MISMATCH');
  };
  const handle = await start('failing', 3);
  await eventually(async () => {
    const { inFlight } = await handle.query<MiningProgress>(QUERIES.progress);
    return inFlight.join() === '0,2';
  });
  gate.release();
  expect(await failureOf(handle)).toMatchObject({ type: 'CHECKSUM_MISMATCH' });
  expect(begunOf('failing', 'search')).toEqual([0, 1, 2]);
  const { inFlight, done } = await handle.query<MiningProgress>(QUERIES.progress);
  expect({ inFlight, done }).toEqual({ inFlight: [], done: 2 });
});

it('a cancellation reaches the shards in flight, waits for them and starts no others', async () => {
  const ended: number[] = [];
  step = async (dataset, _, shard) => {
    if (dataset !== 'cancelled') return;
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    await context.cancelled.catch(() => {});
    clearInterval(beat);
    ended.push(shard);
    throw new CancelledFailure('put away');
  };
  const handle = await start('cancelled', 3);
  await eventually(async () => begunOf('cancelled', 'search').length === 3);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  expect(ended.sort()).toEqual([0, 1, 2]);
  expect(begunOf('cancelled', 'search')).toEqual([0, 1, 2]);
});

it('a run whose history is long is continued as new, and every shard is taken once through each stage', async () => {
  step = async () => {};
  const handle = await start('long', 3, { ...CROSS_ENCODER, historyLimit: 30 });
  await handle.result();
  for (const stage of ['search', 'rescore', 'write']) expect(begunOf('long', stage)).toEqual(ALL);
  const first = namespace.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
  const { status, historyLength } = await first.describe();
  expect(status.name).toBe('CONTINUED_AS_NEW');
  expect(historyLength).toBeLessThan(80);
});

it('a run that was cancelled is not continued as new, even where the shard in flight was finished', async () => {
  const gate = hold('ending', () => true);
  const handle = await start('ending', 1, { historyLimit: 1 });
  await eventually(async () => begunOf('ending', 'search').length === 1);
  await handle.cancel();
  await eventually(async () => {
    const { events } = await handle.fetchHistory();
    return events?.some((event) => event.activityTaskCancelRequestedEventAttributes) === true;
  });
  gate.release();
  await expect(handle.result()).rejects.toThrow();
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  expect(begunOf('ending', 'search')).toEqual([0]);
});

it('triplets that were already mined are only finished', async () => {
  await (await start('mined', 4)).result();
  expect(begun.filter((line) => line.startsWith('mined '))).toEqual([]);
});
