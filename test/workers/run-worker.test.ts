import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QUEUES } from '../../core/queues.js';
import { runWorker } from '../../workers/run-worker.js';
import { GatedEmbedder } from '../support/gated-embedder.js';
import {
  eventually,
  startJob,
  startTestWorker,
  type TestNamespace,
  testModels,
  testNamespace,
} from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../support/test-job.js';

const models = testModels();
const silent = pino({ level: 'silent' });
let namespace: TestNamespace;

beforeAll(async () => {
  namespace = await testNamespace();
});

afterAll(() => namespace?.close());

it('a worker that is asked to stop stores its part, and the next one continues from there', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(24, 10) });
  const job = testJob(folder, { dataset: 'drained', shard_bytes: 100_000 });
  const embedder = new GatedEmbedder();
  embedder.hold();
  const first = startTestWorker(namespace, embedder);
  const handle = await startJob(namespace, job);
  await eventually(async () => embedder.waiting > 0);
  const stopped = first.stop();
  embedder.release();
  await stopped;
  const written = parts(first.log, 'part.written').filter((part) => part.startsWith('embed'));
  expect(written).toHaveLength(1);
  const second = startTestWorker(namespace);
  const { totals } = await handle.result();
  await second.stop();
  expect(totals).toMatchObject({ documents: 24, shards: 1 });
  const started = [...parts(first.log, 'part.started'), ...parts(second.log, 'part.started')];
  expect(new Set(started).size).toBe(started.length);
  expect(parts(second.log, 'part.adopted')).toEqual(written);
});

it('a worker that is asked to stop before it has begun ends', async () => {
  const { address, namespace: name } = namespace;
  const stop = AbortSignal.abort();
  await runWorker({ address, namespace: name, queues: QUEUES, models, log: silent, stop });
});

it('a worker without a server is TEMPORAL_UNAVAILABLE', async () => {
  const nowhere = { address: '127.0.0.1:1', namespace: 'default', queues: QUEUES, models, log: silent };
  await expect(runWorker({ ...nowhere, stop: new AbortController().signal })).rejects.toMatchObject({
    code: 'TEMPORAL_UNAVAILABLE',
    message: expect.stringContaining('127.0.0.1:1'),
  });
});

/** Returns the parts that the log names, as `stage shard start`. */
function parts(log: readonly Record<string, unknown>[], event: string): string[] {
  return log.flatMap((line) => (line.event === event ? [`${line.stage} ${line.shard} ${line.start}`] : []));
}
