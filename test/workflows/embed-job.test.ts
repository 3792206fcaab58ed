import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SIGNALS, workflowId } from '../../core/workflow-api.js';
import { openStore } from '../../engine/store/open-store.js';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { GatedEmbedder } from '../support/gated-embedder.js';
import {
  eventually,
  failureOf,
  progressOf,
  startJob,
  startTestWorker,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testEmbedder } from '../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../support/test-job.js';
import { runJob, testProcess } from '../support/test-tools.js';

let namespace: TestNamespace;
let worker: TestWorker;
const embedder = new GatedEmbedder();

beforeAll(async () => {
  namespace = await testNamespace();
  worker = startTestWorker(namespace, embedder);
});

afterEach(() => embedder.release());

afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

/** Returns a corpus of some shards, and a job with a name of its own over it. */
function someJob(dataset: string, more: Record<string, unknown> = {}) {
  const folder = temporaryFolder();
  writeCorpus(folder, {
    'a.jsonl': documents(30, 20, 'a'),
    'b.jsonl': [...documents(10, 20, 'b'), '{"broken"'],
  });
  return { folder, job: testJob(folder, { dataset, ...more }) };
}

const openLanes = async (dataset: string) => {
  const open = [];
  const query = `ExecutionStatus = 'Running'`;
  for await (const { workflowId: id } of namespace.client.workflow.list({ query })) {
    if (id.startsWith(workflowId({ dataset, version: 'v1' }))) open.push(id);
  }
  return open;
};

describe('a job', () => {
  it('completes to the manifest of the same steps called in turn, and reports what it did', async () => {
    const { folder, job } = someJob('whole');
    const summary = await (await startJob(namespace, job)).result();
    const { timings: _, ...expected } = await runJob(
      testProcess(),
      testJob(folder, { dataset: 'whole', output: './elsewhere' }),
    );
    const version = await resolveVersion(openStore(job.spec.output), {
      dataset: 'whole',
      selector: 'current',
    });
    expect(version.manifest).toMatchObject(expected);
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
    expect(summary).toMatchObject({
      manifest: `${job.spec.output}/whole/versions/v1/manifest.json`,
      fingerprint: job.fingerprint,
      totals: expected.totals,
      rejects: { BAD_JSON: 1 },
    });
  });

  it('that stores int8 goes through both passes to the manifest of the same steps called in turn', async () => {
    const int8 = { vectors: { precision: 'int8' } };
    const { folder, job } = someJob('int8', int8);
    const handle = await startJob(namespace, job);
    const summary = await handle.result();
    const { timings: _, ...expected } = await runJob(
      testProcess(),
      testJob(folder, { dataset: 'int8', output: './elsewhere', ...int8 }),
    );
    const store = openStore(job.spec.output);
    const version = await resolveVersion(store, { dataset: 'int8', selector: 'current' });
    expect(version.manifest).toMatchObject(expected);
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
    expect(summary).toMatchObject({ vectorPrecision: 'int8', totals: expected.totals });
    expect(await progressOf(handle)).toMatchObject({
      phase: 'done',
      ended: { shards: expected.totals.shards, chunks: expected.totals.chunks },
    });
    const left = [];
    for await (const { key } of store.list('int8/versions/v1/float32/')) left.push(key);
    expect(left).toEqual([]);
  });

  it('has its model computed by the workers of the queue that it names', async () => {
    const queuesOf = async (dataset: string, limits: Record<string, unknown>) => {
      const { job } = someJob(dataset, { limits: { reject_share: 1, ...limits } });
      await (await startJob(namespace, job)).result();
      const root = workflowId(job.spec);
      const histories = [root, `${root}/embed/0`].map((id) =>
        namespace.client.workflow.getHandle(id).fetchHistory(),
      );
      const events = (await Promise.all(histories)).flatMap((history) => history.events ?? []);
      const scheduled = events.flatMap(({ activityTaskScheduledEventAttributes: activity }) =>
        /embedShard|computeProbe/.test(activity?.activityType?.name ?? '') ? [activity!] : [],
      );
      expect(new Set(scheduled.map(({ activityType }) => activityType?.name)).size).toBe(2);
      return [...new Set(scheduled.map(({ taskQueue }) => taskQueue?.name))];
    };
    expect(await queuesOf('anywhere', {})).toEqual(['embed-cpu']);
    expect(await queuesOf('on-gpus', { queue: 'embed-gpu' })).toEqual(['embed-gpu']);
  });

  it('answers queries for its progress while it works and afterwards', async () => {
    const { job } = someJob('progress');
    embedder.hold();
    const handle = await startJob(namespace, job);
    await eventually(async () => (await progressOf(handle)).phase === 'embedding' && embedder.waiting > 0);
    const during = await progressOf(handle);
    expect(during.scanned).toEqual({ documents: 40, rejects: { BAD_JSON: 1 } });
    expect(during.plan).toMatchObject({ inputObjects: 2 });
    expect(during.lanes.length).toBeGreaterThan(0);
    embedder.release();
    const { totals } = await handle.result();
    const after = await progressOf(handle);
    expect(after).toMatchObject({
      phase: 'done',
      lanes: [],
      ended: { documents: 40, chunks: totals.chunks },
    });
    expect(after.ended.shards).toBe(totals.shards);
  });

  it('that is run again ends at once with the same totals', async () => {
    const { job } = someJob('again');
    const first = await (await startJob(namespace, job)).result();
    const calls = embedder.calls;
    const second = await (await startJob(namespace, job)).result();
    expect(second.totals).toEqual(first.totals);
    expect(embedder.calls).toBe(calls);
  });
});

describe('a pause', () => {
  it('lets nothing start until the job is resumed, and the job then completes', async () => {
    const { job } = someJob('paused');
    embedder.hold();
    const handle = await startJob(namespace, job);
    await eventually(async () => embedder.waiting > 0);
    await handle.signal(SIGNALS.pause);
    await eventually(async () => (await progressOf(handle)).paused);
    embedder.release();
    // The current parts are stored. After that, the model is not called again.
    await eventually(async () => (await pendingActivities('paused')) === 0);
    const calls = embedder.calls;
    await handle.signal('unknown-to-all');
    expect((await progressOf(handle)).phase).toBe('embedding');
    expect(await pendingActivities('paused')).toBe(0);
    expect(embedder.calls).toBe(calls);
    await handle.signal(SIGNALS.resume);
    expect((await handle.result()).totals.documents).toBe(40);
  });
});

/** Returns the activities that are scheduled or running in all open workflows of a job. */
async function pendingActivities(dataset: string): Promise<number> {
  let pending = 0;
  for (const id of await openLanes(dataset)) {
    const { raw } = await namespace.client.workflow.getHandle(id).describe();
    pending += raw.pendingActivities?.length ?? 0;
  }
  return pending;
}

describe('a cancelled job', () => {
  it('is CANCELLED with nothing left open, and completes when it is run again', async () => {
    const { job } = someJob('cancelled');
    embedder.hold();
    const handle = await startJob(namespace, job);
    await eventually(async () => embedder.waiting > 0);
    await handle.cancel();
    embedder.release();
    expect((await failureOf(handle)).type).toBe('CancelledFailure');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    await eventually(async () => (await openLanes('cancelled')).length === 0);
    const again = await startJob(namespace, job);
    expect((await again.result()).totals.documents).toBe(40);
  });
});

describe('an error', () => {
  it('with a final code fails the job with that code, and keeps what other shards had in flight', async () => {
    const { job } = someJob('final');
    embedder.failNext('VECTOR_INVALID');
    const handle = await startJob(namespace, job);
    expect(await failureOf(handle)).toMatchObject({ type: 'VECTOR_INVALID' });
    expect((await handle.describe()).status.name).toBe('FAILED');
    expect(await openLanes('final')).toEqual([]);
    const again = await startJob(namespace, job);
    expect((await again.result()).totals.documents).toBe(40);
  });

  it('with a retryable code is tried again', async () => {
    const { job } = someJob('retried');
    embedder.failNext('SESSION_LOST');
    const failed = embedder.failures;
    expect((await (await startJob(namespace, job)).result()).totals.documents).toBe(40);
    expect(embedder.failures).toBe(failed + 1);
  });
});

describe('a corpus with too many rejects', () => {
  it('stops the job before anything is embedded, and the job continues when it allows more', async () => {
    const { folder, job } = someJob('rejects', { limits: { reject_share: 0.01 } });
    const calls = embedder.calls;
    const handle = await startJob(namespace, job);
    expect(await failureOf(handle)).toEqual({
      type: 'REJECTS_EXCEEDED',
      message: '1 of 41 documents (2.44%) were rejected, over the 1% that the job allows: BAD_JSON 1',
    });
    expect(embedder.calls).toBe(calls);
    const more = testJob(folder, { dataset: 'rejects', limits: { reject_share: 0.03 } });
    expect((await (await startJob(namespace, more)).result()).rejects).toEqual({ BAD_JSON: 1 });
  });
});
