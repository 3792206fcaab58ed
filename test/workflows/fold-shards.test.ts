import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GROUPS_A_MERGE, IDS_A_FOLD } from '../../core/shard-groups.js';
import { SIGNALS, workflowId } from '../../core/workflow-api.js';
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

const SHARDS = 6;
/** The number of shards of a job whose folded ids are merged. */
const MERGED_SHARDS = 2 * GROUPS_A_MERGE + 1;
/** The number of ids of a shard, so that a group has two shards. */
const IDS = IDS_A_FOLD / 2;

let namespace: TestNamespace;
let worker: Awaited<ReturnType<typeof orchestrationWorker>>;
const events: string[] = [];
let scan = async (_dataset: string, _shard: number): Promise<void> => {};
let fold = async (_from: number): Promise<void> => {};

beforeAll(async () => {
  namespace = await testNamespace();
  worker = await orchestrationWorker(namespace, SHARDS, {
    planVersion: async ({ dataset }) => {
      const shards = dataset === 'merged' ? MERGED_SHARDS : SHARDS;
      return { shards, inputObjects: 1, inputBytes: 100 * shards, forgottenPlans: 0 };
    },
    scanShard: async ({ dataset }, shard) => {
      await scan(dataset, shard);
      return { ...SHARD_TOTALS, documents: IDS };
    },
    foldShards: async ({ dataset }, { kind, group: { from, to } }) => {
      events.push(`${dataset} folds ${kind} ${from}-${to}`);
      await fold(from);
      return { ...SHARD_TOTALS, shards: to - from, documents: (to - from) * IDS };
    },
    mergeIds: async ({ dataset }, { group: { from, to }, groupSize }) => {
      events.push(`${dataset} merges ${from}-${to} of groups of ${groupSize}`);
      if (from === 0) throw ApplicationFailure.nonRetryable('not a whole file', 'FILE_DAMAGED');
    },
    findDuplicates: async ({ dataset }, { from, to }, groupSize) => {
      events.push(`${dataset} searches ${from}-${to} of groups of ${groupSize}`);
      return 0;
    },
  });
});

afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

const eventsOf = (dataset: string) => events.filter((event) => event.startsWith(`${dataset} `));

it('a job of many ids folds every group of shards before it searches them, and counts the shards', async () => {
  const job = testJob('/corpora/ids', { dataset: 'ids' });
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  fold = (from) => (from === 0 ? held : Promise.resolve());
  const handle = await startJob(namespace, job);
  await eventually(async () => (await progressOf(handle)).ended.shards === 4);
  expect(await progressOf(handle)).toMatchObject({
    phase: 'deduplicating',
    ended: { shards: 4, documents: 4 * IDS },
  });
  goOn();
  await handle.result();
  const [folds, searches] = [eventsOf('ids').slice(0, 3), eventsOf('ids').slice(3)];
  expect(folds.sort()).toEqual(['0-2', '2-4', '4-6'].map((group) => `ids folds ids ${group}`));
  expect(searches).toHaveLength(SHARDS);
  expect(searches.every((event) => event.endsWith(' of groups of 2'))).toBe(true);
});

it('a job that was paused folds nothing until it is resumed', async () => {
  const job = testJob('/corpora/paused', { dataset: 'paused' });
  fold = async () => {};
  scan = async (dataset, shard) => {
    if (dataset !== 'paused' || shard !== SHARDS - 1) return;
    await namespace.client.workflow.getHandle(workflowId(job.spec)).signal(SIGNALS.pause);
  };
  const handle = await startJob(namespace, job);
  await eventually(async () => (await progressOf(handle)).phase === 'deduplicating');
  expect((await progressOf(handle)).paused).toBe(true);
  expect(eventsOf('paused')).toEqual([]);
  await handle.signal(SIGNALS.resume);
  await handle.result();
  expect(eventsOf('paused')).toHaveLength(3 + SHARDS);
});

it('a job of many groups merges their ids after the last one is folded, and searches nothing if that fails', async () => {
  fold = async () => {};
  const handle = await startJob(namespace, testJob('/corpora/merged', { dataset: 'merged' }));
  expect(await failureOf(handle)).toMatchObject({ type: 'FILE_DAMAGED' });
  const found = eventsOf('merged');
  const groups = Math.ceil(MERGED_SHARDS / 2);
  expect(found.slice(0, groups).every((event) => event.startsWith('merged folds ids '))).toBe(true);
  expect(found.slice(groups).sort()).toEqual([
    'merged merges 0-32 of groups of 2',
    'merged merges 32-33 of groups of 2',
  ]);
});

it('a group that cannot be folded fails the job, with the code of the group', async () => {
  const job = testJob('/corpora/damaged', { dataset: 'damaged' });
  fold = async (from) => {
    if (from === 2) throw ApplicationFailure.nonRetryable('not a whole id file', 'FILE_DAMAGED');
  };
  const handle = await startJob(namespace, job);
  expect(await failureOf(handle)).toMatchObject({ type: 'FILE_DAMAGED' });
  expect(eventsOf('damaged').some((event) => event.includes('searches'))).toBe(false);
});
