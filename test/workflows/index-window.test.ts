import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndexActivities } from '../../activities/index-version.js';
import type { IndexSummary } from '../../core/index/index-job.js';
import { BUILD_INDEX, type BuildIndexInput, indexWorkflowId } from '../../core/workflow-api.js';
import { indexOrchestrationWorker } from '../support/index-orchestration.js';
import { eventually, failureOf, type TestNamespace, testNamespace } from '../support/temporal.js';

let namespace: TestNamespace;
beforeAll(async () => {
  namespace = await testNamespace();
});
afterAll(() => namespace?.close());

async function withWorker<T>(
  shards: number,
  more: Partial<IndexActivities>,
  use: (handle: Awaited<ReturnType<typeof start>>) => Promise<T>,
): Promise<T> {
  const worker = await indexOrchestrationWorker(namespace, shards, more);
  try {
    return await use(await start(`of-${shards}`));
  } finally {
    await worker.stop();
  }
}

function start(name: string) {
  const location = { output: 'memory://', dataset: 'test', version: 'v1' };
  const job = { location, name, request: { metric: 'cosine', recallTarget: 0.9 } as const };
  return namespace.client.workflow.start<(input: BuildIndexInput) => Promise<IndexSummary>>(BUILD_INDEX, {
    workflowId: indexWorkflowId(job),
    taskQueue: 'control',
    args: [{ job }],
  });
}

describe('building an index of many shards', () => {
  it('continues as new before its history is too long, and counts over all its runs', async () => {
    const seen = new Map<number, number>();
    const shards = 2000;
    const indexShard: IndexActivities['indexShard'] = async (_, shard) => {
      seen.set(shard, (seen.get(shard) ?? 0) + 1);
      return { rows: 10, reused: shard % 2 === 0 };
    };
    await withWorker(shards, { indexShard }, async (handle) => {
      expect(await handle.result()).toMatchObject({ rows: 20_000, reused: 1000 });
      const first = namespace.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
      expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW');
    });
    expect(seen.size).toBe(shards);
    expect(Math.max(...seen.values())).toBe(1);
  }, 180_000);

  it('stops shards in flight after one has failed, also one that is retried for ever, and starts no others', async () => {
    const indexShard: IndexActivities['indexShard'] = async (_, shard) => {
      if (shard === 3) throw ApplicationFailure.nonRetryable('broken', 'FILE_DAMAGED');
      if (shard === 2) throw ApplicationFailure.retryable('the store is away', 'STORE_UNAVAILABLE');
      return { rows: 10, reused: false };
    };
    await withWorker(500, { indexShard }, async (handle) => {
      expect(await failureOf(handle)).toMatchObject({ type: 'FILE_DAMAGED' });
      const { history } = await handle.fetchHistory().then((events) => ({ history: events.events ?? [] }));
      const scheduled = history.filter(({ activityTaskScheduledEventAttributes: task }) => task).length;
      expect(scheduled).toBeLessThan(200);
    });
  });

  it('waits for the shards in flight where it is cancelled, and starts no others', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const indexShard: IndexActivities['indexShard'] = async (_, shard) => {
      begun.push(shard);
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 100);
      await context.cancelled.catch(() => {});
      clearInterval(beat);
      ended.push(shard);
      throw new CancelledFailure('put away');
    };
    await withWorker(50, { indexShard }, async (handle) => {
      await eventually(async () => begun.length === 32);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      const { events } = await handle.fetchHistory();
      const cancelled = events?.filter((event) => event.activityTaskCanceledEventAttributes) ?? [];
      expect(cancelled).toHaveLength(32);
    });
    expect(begun).toHaveLength(32);
    expect(ended).toHaveLength(32);
  });
});
