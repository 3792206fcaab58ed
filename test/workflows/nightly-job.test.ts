import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSchedule } from '../../cli/schedule/create-schedule.js';
import type { NightSummary } from '../../core/schedule/night.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { QUERIES, scheduleId, workflowId } from '../../core/workflow-api.js';
import { vectormill } from '../cli/command-line.js';
import { orchestrationWorker, SHARD_TOTALS } from '../support/orchestration.js';
import { eventually, failureOf, type TestNamespace, testNamespace } from '../support/temporal.js';
import { testJob } from '../support/test-job.js';

let namespace: TestNamespace;
const namespaceBefore = process.env.TEMPORAL_NAMESPACE;

beforeAll(async () => {
  namespace = await testNamespace();
  process.env.TEMPORAL_NAMESPACE = namespace.namespace;
});

afterAll(async () => {
  if (namespaceBefore === undefined) delete process.env.TEMPORAL_NAMESPACE;
  else process.env.TEMPORAL_NAMESPACE = namespaceBefore;
  await namespace?.close();
});

/** Returns a schedule that embeds and indexes, and its handle. */
async function scheduled(name: string) {
  const { parent: _, spec, ...others } = testJob('/corpora/nights', { dataset: name });
  const { version: __, ...template } = spec;
  const record: ScheduleRecord = {
    formatVersion: 1,
    name,
    timing: { cron: ['0 2 * * *'], timezone: 'UTC', catchupWindowMs: 3_600_000, jitterMs: 0 },
    job: { ...others, spec: template },
    mine: null,
    index: { name: 'main', request: { metric: 'cosine', recallTarget: 0.9 } },
  };
  await createSchedule(namespace.client, record, { replace: false });
  const handle = namespace.client.schedule.getHandle(scheduleId(name));
  const nights = async () =>
    (await handle.describe()).info.recentActions.map(({ action }) => action.workflow);
  return { handle, nights };
}

/** Returns a promise that a test resolves when it wants to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('nights of one schedule', () => {
  test('come one at a time: one that is due while another runs waits, and makes a version of its own', async () => {
    const { opened, open } = gate();
    const embedShard = async () => {
      await opened;
      return { ...SHARD_TOTALS, chunks: 20, tokens: 200 };
    };
    const worker = await orchestrationWorker(namespace, 1, { embedShard });
    const { handle, nights } = await scheduled('in-turn');
    try {
      await handle.trigger('BUFFER_ONE');
      await eventually(async () => (await nights()).length === 1);
      // This waits for another second, because nights are named after their second.
      await new Promise((wake) => setTimeout(wake, 1100));
      await handle.trigger('BUFFER_ONE');
      await eventually(async () => (await vectormill('status', 'in-turn')).stdout.includes('embedding · '));
      const { stdout } = await vectormill('status', 'in-turn');
      expect(stdout).toMatch(/last night: in-turn@in-turn-\d+T\d+Z, running\n/);
      expect(stdout).toMatch(/index +not started\n/);
      expect(await nights()).toHaveLength(1);
      open();
      await eventually(async () => (await nights()).length === 2);
      const ends = await Promise.all(
        (await nights()).map(({ workflowId: id }) => namespace.client.workflow.getHandle(id).result()),
      );
      const [first, second] = ends as [NightSummary, NightSummary];
      expect(second.startedAt).toBeGreaterThanOrEqual(first.finishedAt);
      expect(second.version > first.version).toBe(true);
    } finally {
      await handle.delete();
      await worker.stop();
    }
  });

  test('end with the step that somebody cancelled, and say how to continue', async () => {
    const { opened, open } = gate();
    const worker = await orchestrationWorker(namespace, 1, {
      scanShard: async () => {
        await opened;
        return SHARD_TOTALS;
      },
    });
    const { handle, nights } = await scheduled('cancelled');
    try {
      await handle.trigger('BUFFER_ONE');
      await eventually(async () => (await nights()).length === 1);
      const [{ workflowId: id }] = (await nights()) as unknown as [{ workflowId: string }];
      const night = namespace.client.workflow.getHandle(id);
      let version = '';
      await eventually(async () => {
        ({ version } = await night.query<{ version: string }>(QUERIES.progress));
        const embed = namespace.client.workflow.getHandle(workflowId({ dataset: 'cancelled', version }));
        return (await embed.query<{ phase: string }>(QUERIES.progress)).phase === 'scanning';
      });
      const { code } = await vectormill('cancel', `cancelled@${version}`);
      expect(code).toBe(0);
      open();
      await expect(night.result()).rejects.toMatchObject({ cause: { type: 'CANCELLED' } });
      await eventually(async () => (await handle.describe()).state.paused);
      const { stdout } = await vectormill('status', 'cancelled');
      expect(stdout).toMatch(/failed at embed/);
      expect(stdout).toMatch(/CANCELLED: .*\n {2}→ `vectormill status cancelled` says how to go on/);
      // The night was triggered by hand, so that none of the schedule's times is its own.
      expect(stdout).toMatch(
        /resume cancelled` lets nights begin again; `vectormill schedule trigger cancelled`/,
      );
    } finally {
      open();
      await handle.delete();
      await worker.stop();
    }
  });

  test('that somebody cancels as a whole are cancelled, and not failed', async () => {
    const { opened, open } = gate();
    const worker = await orchestrationWorker(namespace, 1, {
      openNight: async () => {
        await opened;
        return { parent: null, isEmpty: false };
      },
    });
    const { handle, nights } = await scheduled('called-off');
    try {
      await handle.trigger('BUFFER_ONE');
      await eventually(async () => (await nights()).length === 1);
      const [{ workflowId: id }] = (await nights()) as unknown as [{ workflowId: string }];
      const night = namespace.client.workflow.getHandle(id);
      await night.query(QUERIES.progress);
      await night.cancel();
      open();
      expect((await failureOf(night)).type).toBe('CancelledFailure');
      expect((await vectormill('status', 'called-off')).stdout).toMatch(/last night: .*, cancelled\n/);
    } finally {
      open();
      await handle.delete();
      await worker.stop();
    }
  });
});
